import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../fleet/nouns.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type Backend, type BackendServer, firstRefusal, readBackends } from './backend.ts';
import { absent, memberName, some } from './members.ts';
import type { Runtime } from './runtime.ts';

const pollMs = 20;

export interface Admission {
  readonly name: string;
  readonly runtime: Runtime;
  readonly pool: Pool;
  readonly backend: string;
  readonly template: string;
  readonly signal: AbortSignal;
}

/**
 * HAProxy's own checks need `rise` times `inter` to see an instance that we have seen ready, so they are told. The next check may
 * still say otherwise: it takes `fall` failures to put the member down again. A member that tracks another cannot be told; the one
 * it tracks can. Members in maintenance are up the moment they leave it.
 */
export async function admitMembers(admission: Admission, deadlineMs: number): Promise<Result<void>> {
  const { name, runtime, pool, backend, template, signal } = admission;
  const until = performance.now() + deadlineMs;
  for (;;) {
    const seen = await readBackends(runtime, [backend]);
    if (!seen.ok) return seen;
    const found = seen.value.get(backend);
    if (found === undefined) return fail({ what: `HAProxy has no backend ${backend} any more`, where: name });
    // A reload since the check at the start: HAProxy would take the pointer to such a backend, and answer 503.
    const missing = absent(found, pool.instances, template);
    if (missing.length > 0) return fail({ what: `${backend} lacks ${some(missing)}`, where: name });
    const lacking = notUp(admission, found);
    if (lacking.length === 0) return ok(undefined);
    if (signal.aborted) return fail({ what: `${backend}: cancelled before all its members were up`, where: name });
    if (performance.now() > until) {
      const what = `${backend}: ${some(lacking.map((server) => server.name))} not up after ${deadlineMs} ms`;
      return fail({
        what,
        where: name,
        advice: "these instances answer us: see whether HAProxy's own check can reach them",
      });
    }
    const commands = lacking.map((server) => `set server ${server.tracks ?? `${backend}/${server.name}`} health up`);
    const told = await runtime.ask(commands);
    if (!told.ok) return told;
    const refused = firstRefusal(commands, told.value);
    if (refused !== undefined) return fail({ what: `HAProxy refused ${refused}`, where: name });
    await sleep(pollMs);
  }
}

function notUp({ pool, template }: Admission, backend: Backend): BackendServer[] {
  return pool.instances.flatMap((instance) => {
    const server = backend.servers.get(memberName(template, instance));
    return server?.operational === 'down' ? [server] : [];
  });
}
