import { z } from 'zod';

/** Why GitHub did not do what it was asked. `again`: how many milliseconds to wait before it is worth another try. */
export type Problem =
  | { readonly kind: 'forbidden' | 'missing' | 'too-long' | 'refused'; readonly message: string }
  | { readonly kind: 'limited'; readonly message: string; readonly againMs: number }
  | { readonly kind: 'unreachable'; readonly message: string };

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

const thrown = z.looseObject({
  status: z.number().optional(),
  message: z.string().default('no answer'),
  response: z.looseObject({ headers: z.record(z.string(), z.unknown()).default({}) }).optional(),
});

/** GitHub's own minimum where it does not say how long: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
const UNSAID_WAIT = 60_000;

function waitOf(headers: Readonly<Record<string, unknown>>): number {
  const after = Number(headers['retry-after']);
  if (after > 0) return after * 1000;
  const reset = Number(headers['x-ratelimit-reset']) * 1000 - Date.now();
  return reset > 0 ? reset + 1000 : UNSAID_WAIT;
}

/** A limit comes as 429, and as 403 that only its headers or its words tell from a missing permission. */
const isLimit = (status: number, message: string, headers: Readonly<Record<string, unknown>>): boolean =>
  status === 429 ||
  (status === 403 &&
    (headers['retry-after'] !== undefined ||
      String(headers['x-ratelimit-remaining']) === '0' ||
      /secondary rate limit/i.test(message)));

function problemOf(error: unknown): Problem {
  const { status = 0, message, response } = thrown.parse(error);
  // Octokit reports a broken connection as status 500, but without a response.
  if (response === undefined || status >= 500) return { kind: 'unreachable', message };
  if (isLimit(status, message, response.headers))
    return { kind: 'limited', message, againMs: waitOf(response.headers) };
  if (status === 401 || status === 403) return { kind: 'forbidden', message };
  if (status === 404 || status === 410) return { kind: 'missing', message };
  return { kind: status === 422 && /too long/i.test(message) ? 'too-long' : 'refused', message };
}

/** Asks GitHub, and makes a value of what can be expected to go wrong. */
export async function ask<T>(request: () => Promise<{ readonly data: T }>): Promise<Answer<T>> {
  try {
    return { ok: true, value: (await request()).data };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}
