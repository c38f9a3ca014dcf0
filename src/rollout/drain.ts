import type { Pool } from '../fleet/nouns.ts';
import { counted, duration } from '../report/duration.ts';
import { type Failure, fail, ok, type Result } from '../result.ts';
import { cancelled } from './cancelled.ts';
import type { Done } from './fan-out.ts';
import type { World } from './world.ts';

const pollMs = 5;

/** After a question that was not answered, the balancer gets time to come back. */
const calmMs = 100;

/**
 * Waits until the members of a pool have finished what they had. Idle has to be seen twice: a request may be between the
 * choice of a backend and its counter. At the deadline the deploy goes on, since a socket may stay open for days; how many
 * requests may be cut by that is told. A balancer that does not answer is asked again as long: nothing is cut on a guess.
 */
export async function drain(pool: Pool, world: World, signal: AbortSignal): Promise<Result<Done>> {
  const { balancer, clock, limits } = world;
  const start = clock.now();
  let idle = 0;
  for (;;) {
    const busy = await balancer.busy(pool);
    idle = busy.ok && busy.value === 0 ? idle + 1 : 0;
    const waited = clock.now() - start;
    if (idle === 2) return ok({ note: `idle after ${Math.round(waited)} ms` });
    if (waited > limits.drainMs) return busy.ok ? ok({ warning: cut(busy.value, pool, waited) }) : fail(busy.failure);
    if (signal.aborted) return cancelled(signal, `while pool ${pool.name} finished its requests`);
    await clock.sleep(busy.ok ? pollMs : calmMs, signal);
  }
}

const cut = (busy: number, pool: Pool, waited: number): Failure => ({
  what: `pool ${pool.name} still had ${counted(busy, 'request')} in flight after ${duration(waited)}, which may be cut`,
  advice: 'raise strategy.drain if that is too short for the longest requests',
});
