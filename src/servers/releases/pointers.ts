import type { SlotName } from '../../fleet/nouns.ts';
import type { ReleaseConfig } from '../../inputs/config.ts';
import { ok, type Result } from '../../result.ts';
import { expectSuccess } from '../command.ts';
import type { Server } from '../port.ts';
import { basePath } from './layout.ts';

/**
 * A pointer is replaced by rename(2), so that there is no moment without it. Given two names, `mv` would move the new link *into*
 * the folder that the old one leads to, unless it knows GNU's -T or BSD's -h. Given a folder to move to, every `mv` renames the
 * new link over the one of the same name there (POSIX), so it is made under that name in a folder of its own.
 *
 *     $1 base folder · $2 name of the pointer · $3 release id
 */
const pointScript = `
cd "$1" || exit
if [ ! -d "releases/$3" ] || [ ! -f "releases/$3.manifest" ]; then
  echo "release $3 is not complete on this server" >&2
  exit 1
fi
if [ -e "$2" ] && [ ! -L "$2" ]; then
  echo "$1/$2 is not a link: move it away first" >&2
  exit 1
fi
new=./.$2.pointer
rm -rf "$new" && mkdir "$new" && ln -s "releases/$3" "$new/$2" && mv -f "$new/$2" . && rmdir "$new" || exit
[ "$(readlink "./$2")" = "releases/$3" ]
`;

async function point(
  server: Server,
  config: ReleaseConfig,
  { name, id }: { name: string; id: string },
): Promise<Result<void>> {
  const command = { script: pointScript, args: [basePath(config, server), name, id] };
  const done = await expectSuccess(server, command, `the pointer ${name} cannot be set to release ${id}`);
  return done.ok ? ok(undefined) : done;
}

/** Points a slot at a complete release, at once and read back. Processes started from now on run that release. */
export const pointSlot = (
  server: Server,
  config: ReleaseConfig,
  pointer: { readonly slot: SlotName; readonly id: string },
): Promise<Result<void>> => point(server, config, { name: pointer.slot, id: pointer.id });

/** Remembers the release to roll back to, where the only slot does not keep it. */
export const markPrevious = (server: Server, config: ReleaseConfig, id: string): Promise<Result<void>> =>
  point(server, config, { name: 'previous', id });
