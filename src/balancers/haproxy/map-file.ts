import { fail, ok, type Result } from '../../result.ts';
import type { Command } from '../../servers/port.ts';
import type { Access } from '../access.ts';

/**
 * A reload forgets what `set map` did and reads this file again. Other entries and comments stay, mode and owner too; whoever reads
 * meanwhile sees the old file or the new one. The key and the value come through the environment, because `awk -v` eats backslashes.
 */
const replaceEntry = `set -e
file=$(readlink -f -- "$1")
temp="$file.fleetflip.$$"
trap 'rm -f -- "$temp"' EXIT
cp -p -- "$file" "$temp"
KEY="$2" VALUE="$3" awk '
  $1 == ENVIRON["KEY"] { print ENVIRON["KEY"], ENVIRON["VALUE"]; found = 1; next }
  { print }
  END { if (!found) print ENVIRON["KEY"], ENVIRON["VALUE"] }' "$file" > "$temp"
mv -f -- "$temp" "$file"`;

export interface MapEntry {
  readonly map: string;
  readonly key: string;
  readonly value: string;
}

/** The command that sets one entry of a map file, atomically. */
export const writeEntry = ({ map, key, value }: MapEntry): Command => ({
  script: replaceEntry,
  args: [map, key, value],
  deadlineMs: 5_000,
});

export async function writeMapFile(name: string, access: Access, entry: MapEntry): Promise<Result<void>> {
  const written = await access.run(writeEntry(entry));
  if (!written.ok) return written;
  if (written.value.code === 0) return ok(undefined);
  return fail({ what: `cannot write the map file ${entry.map}`, where: name, detail: written.value.stderr.trim() });
}
