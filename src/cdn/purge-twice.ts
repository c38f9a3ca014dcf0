import { fail, ok, type Result } from '../result.ts';
import type { Surroundings } from './exchange.ts';
import type { Purger } from './port.ts';

/**
 * Purges, waits, purges again. A request that an old instance took just before the flip can fill the cache just after the
 * first purge; so can a second tier of caches that was purged later than the first. Both are tried whatever the other does.
 */
export async function purgeTwice(purger: Purger, againAfterMs: number, around: Surroundings): Promise<Result<void>> {
  const first = await purger.purge(around.signal);
  await around.clock.sleep(againAfterMs, around.signal);
  if (around.signal.aborted) return first.ok ? fail({ what: 'cancelled before the second purge' }) : first;
  const second = await purger.purge(around.signal);
  // The second covers what the first was for.
  return second.ok ? ok(undefined) : second;
}
