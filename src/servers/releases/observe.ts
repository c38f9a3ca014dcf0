import type { ReleaseId, SlotName } from '../../fleet/nouns.ts';
import type { ReleaseConfig } from '../../inputs/config.ts';
import { fail, ok, type Result } from '../../result.ts';
import { expectSuccess } from '../command.ts';
import type { Server } from '../port.ts';
import { basePath, releaseNamedBy } from './layout.ts';
import { parseReleaseSize, type ReleaseSize } from './manifest.ts';

/** What no deploy can do without. For what else it uses, the server has one of several, or does without. */
const neededTools = 'awk cat chmod cp dirname find head ln ls mkdir mv readlink rm rmdir sed sort tr uniq wc xargs';

/**
 * `lacking TOOL…` where the server lacks any. Else complete releases, the newest first; then every link in the base folder:
 * `release ID|first line`, `link NAME|target`.
 */
const observeScript = String.raw`
lacking=
for tool in ${neededTools}; do command -v $tool >/dev/null 2>&1 || lacking="$lacking $tool"; done
if [ -n "$lacking" ]; then echo "lacking$lacking"; exit; fi
cd "$1" 2>/dev/null || exit 0
ls -t releases 2>/dev/null | sed -n 's/\.manifest$//p' | while IFS= read -r id; do
  [ -d "releases/$id" ] && printf 'release %s|%s\n' "$id" "$(head -n 1 "releases/$id.manifest")"
done
for name in *; do
  [ -L "$name" ] && printf 'link %s|%s\n' "$name" "$(readlink "$name")"
done
exit 0
`;

/** What a server holds of releases. */
export interface ReleasesSeen {
  /** Complete releases, the newest first. */
  readonly releases: readonly ReleaseId[];
  readonly sizes: Readonly<Record<ReleaseId, ReleaseSize>>;
  /** Which release each slot's pointer names; missing where there is no pointer, or it leads elsewhere. */
  readonly pointers: Readonly<Record<SlotName, ReleaseId>>;
  readonly previous?: ReleaseId;
  /** Every release that any link in the base folder names. */
  readonly named: readonly ReleaseId[];
}

/** Reads what `observeScript` prints. */
export function parseReleases(text: string, slots: readonly SlotName[]): ReleasesSeen {
  const rows = text.split('\n').flatMap((line) => {
    const [, kind, name, value] = /^(release|link) ([^|]*)\|(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ kind, name, value }];
  });
  const links = new Map<string, ReleaseId>();
  const sizes = new Map<ReleaseId, ReleaseSize>();
  for (const { kind, name, value } of rows) {
    const release = kind === 'link' ? releaseNamedBy(value) : undefined;
    const size = kind === 'release' ? parseReleaseSize(value) : undefined;
    if (release !== undefined) links.set(name, release);
    if (size) sizes.set(name, size);
  }
  const previous = links.get('previous');
  return {
    releases: [...sizes.keys()],
    sizes: Object.fromEntries(sizes),
    pointers: Object.fromEntries([...links].filter(([name]) => slots.includes(name))),
    ...(previous === undefined ? {} : { previous }),
    named: [...new Set(links.values())],
  };
}

/** What a server holds of releases, in one round trip. A server without the base folder holds none. */
export async function observeReleases(
  server: Server,
  config: ReleaseConfig,
  slots: readonly SlotName[],
): Promise<Result<ReleasesSeen>> {
  const command = { script: observeScript, args: [basePath(config, server)] };
  const output = await expectSuccess(server, command, 'the releases cannot be listed');
  if (!output.ok) return output;
  const lacking = /^lacking (.*)$/m.exec(output.value)?.[1];
  if (lacking === undefined) return ok(parseReleases(output.value, slots));
  return fail({
    what: `the server has no ${lacking.replaceAll(' ', ', no ')}`,
    where: server.name,
    advice: 'Install coreutils, findutils and awk, or a BusyBox that has them.',
  });
}
