/** Time as a run sees it. Monotonic: never affected by a wall clock that is set. */
export interface Clock {
  /** Milliseconds since the start of the run, with fractions. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted: whoever cares looks at the signal. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Node fires a timer at once when it is asked for longer than this. */
const longestTimerMs = 2 ** 31 - 1;

/** A clock that starts at zero now. */
export function startClock(): Clock {
  const start = performance.now();
  return {
    now: () => performance.now() - start,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, Math.min(Math.max(ms, 0), longestTimerMs));
        signal?.addEventListener('abort', done);
      }),
  };
}
