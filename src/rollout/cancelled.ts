import { type Failure, fail, type Result } from '../result.ts';

/** `cancelled by SIGINT`, `the time of the run is up`. */
export const whyCancelled = ({ reason }: AbortSignal): string =>
  reason instanceof Error && reason.name !== 'AbortError' ? reason.message : 'cancelled';

export const cancelled = (signal: AbortSignal, during: string): { readonly ok: false; readonly failure: Failure } =>
  fail({ what: `${whyCancelled(signal)}, ${during}` });

/** Does not wait on for work that may be left to itself; what it then still does must harm nobody. */
export const unlessCancelled = <T>(work: Promise<Result<T>>, signal: AbortSignal, during: string): Promise<Result<T>> =>
  new Promise((resolve, reject) => {
    const giveUp = () => resolve(cancelled(signal, during));
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
