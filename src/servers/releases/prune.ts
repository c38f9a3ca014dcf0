import type { ReleaseId } from '../../fleet/nouns.ts';
import type { ReleaseConfig } from '../../inputs/config.ts';
import { ok, type Result } from '../../result.ts';
import { expectSuccess } from '../command.ts';
import type { Server } from '../port.ts';
import { basePath } from './layout.ts';
import { observeReleases, type ReleasesSeen } from './observe.ts';

/**
 * Removes releases, the manifest first so that half a release never counts, and what stagings left behind. Looks at all links once
 * more: what one of them names stays, whatever was decided.
 *
 *     $1 base folder · then release ids
 */
const removeScript = String.raw`
cd "$1/releases" || exit
shift
for stale in .*.incoming; do
  case $stale in '.*.incoming') ;; *) rm -rf "./$stale" ;; esac
done
for id in "$@"; do
  named=
  for link in ../*; do
    [ -L "$link" ] || continue
    target=$(readlink "$link")
    [ "releases/$id" = "$target" ] && named=yes
    case $target in */"releases/$id" | "releases/$id/" | */"releases/$id/") named=yes ;; esac
  done
  [ -n "$named" ] && continue
  rm -f "./$id.manifest" && rm -rf "./$id" || exit
  printf '%s\n' "$id"
done
`;

/** The releases that may go: neither among the newest `keep` (those that must stay counted in), nor protected, nor named. */
export function superfluous(seen: ReleasesSeen, keep: number, protectedIds: readonly ReleaseId[]): ReleaseId[] {
  const staying = new Set([...seen.named, ...protectedIds]);
  const others = seen.releases.filter((id) => !staying.has(id));
  const room = Math.max(0, keep - seen.releases.filter((id) => staying.has(id)).length);
  return others.slice(room);
}

/** Removes old releases; those that went. Never one that a pointer names, nor a protected one. */
export async function prune(
  server: Server,
  config: ReleaseConfig,
  protectedIds: readonly ReleaseId[],
): Promise<Result<readonly ReleaseId[]>> {
  const seen = await observeReleases(server, config, []);
  if (!seen.ok) return seen;
  const args = [basePath(config, server), ...superfluous(seen.value, config.keep, protectedIds)];
  const command = { script: removeScript, args, deadlineMs: 10 * 60_000 };
  const output = await expectSuccess(server, command, 'old releases cannot be removed');
  return output.ok ? ok(output.value.split('\n').filter(Boolean)) : output;
}
