import { fail, ok, type Result } from '../../result.ts';
import { type Backend, type BackendServer, readBackends } from './backend.ts';
import type { Driven } from './driven.ts';

export interface MembershipControl {
  readonly backend: string;
  readonly member: string;
}

/** The backup server on a closed port, where requests are retried until a member is back (docs/haproxy.md, "hold"). */
export const holdServer = (backend: Backend): BackendServer | undefined =>
  [...backend.servers.values()].find((server) => server.backup && server.administrative === 'enabled');

export async function readBackend({ name, runtime, control }: Driven<MembershipControl>): Promise<Result<Backend>> {
  const backends = await readBackends(runtime, [control.backend]);
  if (!backends.ok) return backends;
  const backend = backends.value.get(control.backend);
  return backend ? ok(backend) : fail({ what: `HAProxy has no backend ${control.backend} with servers`, where: name });
}

/** Servers that take requests and are no members of the fleet: what they would answer, nobody knows. */
export const strangers = (backend: Backend, members: readonly string[]): string[] => {
  const known = new Set(members);
  return [...backend.servers.values()]
    .filter(
      (server) => !server.backup && server.administrative === 'enabled' && !known.has(`${backend.name}/${server.name}`),
    )
    .map((server) => server.name);
};
