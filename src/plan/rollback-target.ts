import type { Pool, ReleaseId } from '../fleet/nouns.ts';
import type { Observation, ServerSeen } from '../fleet/observation.ts';

export type Target =
  | { readonly found: true; readonly release: ReleaseId }
  | { readonly found: false; readonly why: string };

/**
 * The release to return to. With two slots it is the one that the idle slot still has; with one, the release that every
 * server remembers as the one before. It counts only where it is complete on every server, since a rollback copies nothing.
 */
export function rollbackTarget(seen: Observation, pools: readonly Pool[], to: ReleaseId | 'previous'): Target {
  const servers = (names: readonly string[]) => seen.servers.filter((server) => names.includes(server.server));
  if (to !== 'previous') return complete(to, seen.servers);
  const live = seen.balancers[0]?.live;
  const isOneSlot = new Set(pools.map((pool) => pool.slot)).size === 1;
  const idle = pools.find((pool) => pool.name !== live);
  if (isOneSlot || idle === undefined) return agreed(seen.servers, (server) => server.previous);
  if (live === undefined)
    return { found: false, why: 'the balancer sends users to no slot, so none is the previous one' };
  return agreed(servers(idle.servers), (server) => server.pointers[idle.slot]);
}

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
