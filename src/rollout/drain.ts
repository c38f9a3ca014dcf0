import type { Pool } from '../fleet/nouns.ts';
import { ok, type Result } from '../result.ts';
import type { Done } from './fan-out.ts';
import type { World } from './world.ts';

const pollMs = 5;

/**
 * Waits until the members of a pool have finished what they had. Idle has to be seen twice: a request may be between the
 * choice of a backend and its counter. At the deadline the deploy goes on, since a socket may stay open for days; how many
 * requests may be cut by that is told.
 */
export async function drain(pool: Pool, world: World): Promise<Result<Done>> {
  const start = world.clock.now();
  let idle = 0;
  for (;;) {
    const busy = await world.balancer.busy(pool);
    if (!busy.ok) return busy;
    idle = busy.value === 0 ? idle + 1 : 0;
    const waited = world.clock.now() - start;
    if (idle === 2) return ok({ note: `idle after ${Math.round(waited)} ms` });
    if (waited > world.limits.drainMs) {
      return ok({ warning: cut(busy.value, pool, waited) });
    }
    await world.clock.sleep(pollMs);
  }
}

const cut = (busy: number, pool: Pool, waited: number) => ({
  what: `${busy} requests were still running on pool ${pool.name} after ${Math.round(waited)} ms; they may be cut`,
  advice: 'raise strategy.drain if that is too short for the longest requests',
});
