import { connectionWords } from '../connection-words.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Clock } from '../rollout/clock.ts';

/** An idempotent HTTP request: doing it twice is doing it once. */
export interface Exchange<Body> {
  /** Made anew for each attempt: a signature has a date, and a stream can be read once. */
  readonly make: () => Promise<{ readonly url: URL; readonly init: RequestInit }>;
  readonly read: (response: Response) => Promise<Body>;
  /** Longest time of one attempt, in milliseconds. */
  readonly patienceMs: number;
  /** Answers worth another attempt besides 408, 429 and 5xx. */
  readonly again?: (answer: Answer<Body>) => boolean;
}

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const attempts = 5;
const firstWaitMs = 200;
const longestWaitMs = 30_000;
const transient = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Sends a request until it is answered with something that will not change by waiting, five times at most. The last answer
 * is returned whatever its status; a failure means that there was none.
 */
export async function exchange<Body>(request: Exchange<Body>, around: Surroundings): Promise<Result<Answer<Body>>> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptOnce(request, around.signal);
    const final = result.ok && !transient.has(result.value.status) && !request.again?.(result.value);
    if (final || attempt === attempts || around.signal.aborted) return result;
    await around.clock.sleep(pause(attempt, result), around.signal);
  }
}

async function attemptOnce<Body>(request: Exchange<Body>, signal: AbortSignal): Promise<Result<Answer<Body>>> {
  const { make, read, patienceMs } = request;
  const patience = AbortSignal.timeout(patienceMs);
  try {
    const { url, init } = await make();
    const response = await fetch(url, { redirect: 'manual', ...init, signal: AbortSignal.any([signal, patience]) });
    return ok({ status: response.status, headers: response.headers, body: await read(response) });
  } catch (error) {
    if (signal.aborted) return fail({ what: 'cancelled' });
    if (patience.aborted) return fail({ what: `no answer within ${Math.round(patienceMs / 1000)} s` });
    return fail({ what: connectionWords(error) });
  }
}

/** Doubles from attempt to attempt, half of it by chance, so that many clients do not return together. */
function pause(attempt: number, result: Result<Answer<unknown>>): number {
  const wait = firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
  const asked = result.ok ? Number(result.value.headers.get('retry-after') ?? 0) * 1000 : 0;
  return Math.min(longestWaitMs, Math.max(wait, Number.isFinite(asked) ? asked : 0));
}
