import { isAmong, type Pool, type ReleaseId } from '../fleet/nouns.ts';
import type { Observation, ServerSeen } from '../fleet/observation.ts';

export type Target =
  | { readonly found: true; readonly release: ReleaseId }
  | { readonly found: false; readonly why: string };

/**
 * The release to return to: the one that every live server remembers as the one before. Where they remember none and there
 * are two slots, it is the one that the idle slot has. That alone would not do: after a deploy that failed off the clock the
 * idle slot has the release that failed. It counts only where it is complete on every server that will run it, since a
 * rollback copies nothing.
 */
export function rollbackTarget(seen: Observation, pools: readonly Pool[], to: ReleaseId | 'previous'): Target {
  const servers = (names: readonly string[]) => seen.servers.filter((server) => isAmong(server.server, names));
  const live = seen.balancers[0]?.live;
  const isOneSlot = new Set(pools.map((pool) => pool.slot)).size === 1;
  const idle = pools.find((pool) => pool.name !== live);
  const future = isOneSlot || live === undefined || idle === undefined ? seen.servers : servers(idle.servers);
  if (to !== 'previous') return complete(to, future);
  if (isOneSlot || idle === undefined) return agreed(seen.servers, (server) => server.previous);
  if (live === undefined)
    return { found: false, why: 'the balancer sends users to no slot, so none is the previous one' };
  const remembered = servers(liveServers(pools, live)).map(({ previous }) => previous);
  const [previous, ...others] = new Set(remembered);
  if (previous !== undefined && others.length === 0) return complete(previous, future);
  return agreed(future, (server) => server.pointers[idle.slot]);
}

const liveServers = (pools: readonly Pool[], live: string): readonly string[] =>
  pools.find((pool) => pool.name === live)?.servers ?? [];

function agreed(servers: readonly ServerSeen[], read: (server: ServerSeen) => ReleaseId | undefined): Target {
  const releases = [...new Set(servers.map(read))];
  const [release] = releases;
  if (releases.length > 1)
    return { found: false, why: `the servers remember different ones: ${releases.map(String).join(', ')}` };
  if (release === undefined) return { found: false, why: 'no server remembers an earlier release' };
  return complete(release, servers);
}

function complete(release: ReleaseId, servers: readonly ServerSeen[]): Target {
  const missing = servers.filter((server) => !server.releases.includes(release)).map((server) => server.server);
  if (missing.length === 0) return { found: true, release };
  return { found: false, why: `release ${release} is not complete on ${missing.join(', ')}` };
}
