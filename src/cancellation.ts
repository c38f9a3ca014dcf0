import process from 'node:process';

export interface Cancellation {
  readonly signal: AbortSignal;
  /** Takes the handlers away again, so that the process can end. */
  dispose(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Aborted by a signal, or when the run's time is up. The runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later kills
 * (actions/runner, ProcessInvoker.cs): enough to settle a pool change, not to start anything. SIGHUP is a terminal that went
 * away. A second SIGINT means now; a first one never does, even if the run is on its way back already.
 */
export function cancellation(timeoutMs: number): Cancellation {
  const controller = new AbortController();
  let interrupted = false;
  const cancel = (name: NodeJS.Signals) => {
    if (interrupted && name === 'SIGINT') process.exit(130);
    interrupted ||= name === 'SIGINT';
    controller.abort(new Error(`cancelled by ${name}`));
  };
  const timer = setTimeout(() => controller.abort(new Error('the time of the run is up')), timeoutMs);
  for (const name of signals) process.on(name, cancel);
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      for (const name of signals) process.off(name, cancel);
    },
  };
}
