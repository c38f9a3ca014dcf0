import type { Clock } from '../../src/rollout/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time on and wakes whoever's sleep has ended meanwhile, in the order of their times. */
  advance(ms: number): Promise<void>;
  /** Every sleep that was asked for, in milliseconds. */
  readonly sleeps: readonly number[];
}

/** A clock that stands still until it is told otherwise. */
export function fakeClock(): FakeClock {
  let now = 0;
  const sleeps: number[] = [];
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  const next = (until: number) =>
    [...sleepers].filter((sleeper) => sleeper.until <= until).sort((one, other) => one.until - other.until)[0];
  return {
    sleeps,
    now: () => now,
    sleep(ms, signal) {
      sleeps.push(ms);
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          resolve();
        };
        const sleeper = { until: now + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      });
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (let sleeper = next(end); sleeper; sleeper = next(end)) {
        now = Math.max(now, sleeper.until);
        sleeper.wake();
        await settled();
      }
      now = end;
      await settled();
    },
  };
}

/** A clock on which every sleep ends at once and takes exactly as long as was asked for. */
export function hastyClock(): Clock & { readonly sleeps: readonly number[] } {
  let now = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    sleep(ms, signal) {
      sleeps.push(ms);
      if (!signal?.aborted) now += ms;
      return Promise.resolve();
    },
  };
}

/** Lets everything run that waits for nothing but promises. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
