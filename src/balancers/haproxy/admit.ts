import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../fleet/nouns.ts';
import { fail, ok, type Result } from '../../result.ts';
import { type Backend, type BackendServer, firstRefusal, readBackends } from './backend.ts';
import { memberName, some } from './members.ts';
import type { Runtime } from './runtime.ts';

const pollMs = 20;

export interface Admission {
  readonly name: string;
  readonly runtime: Runtime;
  readonly pool: Pool;
  readonly backend: string;
  readonly template: string;
}

/**
 * HAProxy's own checks need `rise` times `inter` to see an instance that we have seen ready, so they are told. The next check may
 * still say otherwise: it takes `fall` failures to put the member down again. A member that tracks another cannot be told; the one
 * it tracks can. Members in maintenance are up the moment they leave it.
 */
export async function admitMembers(admission: Admission, deadlineMs: number): Promise<Result<void>> {
  const { name, runtime, backend } = admission;
  const until = performance.now() + deadlineMs;
  for (;;) {
    const seen = await readBackends(runtime, [backend]);
    if (!seen.ok) return seen;
    const lacking = notUp(admission, seen.value.get(backend));
    if (lacking.length === 0) return ok(undefined);
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

function notUp({ pool, template }: Admission, backend: Backend | undefined): BackendServer[] {
  return pool.instances.flatMap((instance) => {
    const server = backend?.servers.get(memberName(template, instance));
    return server?.operational === 'down' ? [server] : [];
  });
}
