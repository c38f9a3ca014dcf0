import process from 'node:process';

export interface Cancellation {
  readonly signal: AbortSignal;
  /** Takes the handlers away again, so that the process can end. */
  dispose(): void;
}

/**
 * Aborted by SIGINT or SIGTERM, or when the run's time is up. The runner sends SIGINT, 7.5 s later SIGTERM, 2.5 s later kills
 * (actions/runner, ProcessInvoker.cs): enough to settle a pool change, not to start anything. A second SIGINT means now.
 */
export function cancellation(timeoutMs: number): Cancellation {
  const controller = new AbortController();
  const cancel = (name: NodeJS.Signals) => {
    if (controller.signal.aborted && name === 'SIGINT') process.exit(130);
    controller.abort(new Error(`cancelled by ${name}`));
  };
  const timer = setTimeout(() => controller.abort(new Error('the time of the run is up')), timeoutMs);
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      process.off('SIGINT', cancel);
      process.off('SIGTERM', cancel);
    },
  };
}
