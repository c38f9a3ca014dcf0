import { getOctokit } from '@actions/github';
import { defaults } from '@actions/github/lib/utils';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';

export interface ClientOptions {
  readonly token: string;
  readonly apiUrl: string;
  /** Ends every request that is under way, and every later one. */
  readonly signal: AbortSignal;
  /** Milliseconds one request may take; 10,000 by default. */
  readonly timeoutMs?: number;
}

export type GitHub = ReturnType<typeof getOctokit>;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * A client that paces itself (writes at least a second apart) and asks again when a *read* fails. Writes are never sent
 * twice by it: a newer report replaces a failed one, and a comment whose creation was not answered may exist already.
 * Limits are waited for by the caller, who knows how long a run may still take.
 */
export function createClient({ token, apiUrl, signal, timeoutMs = 10_000 }: ClientOptions): GitHub {
  const fetchWithin: typeof fetch = (input, init) =>
    (defaults.request?.fetch ?? fetch)(input, {
      ...init,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  const client = getOctokit(
    token,
    {
      baseUrl: apiUrl,
      userAgent: 'fleetflip',
      log: silent,
      request: { ...defaults.request, fetch: fetchWithin },
      retry: { retries: 2, doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
      throttle: { id: apiUrl, onRateLimit: () => false, onSecondaryRateLimit: () => false },
    },
    retry,
    throttling,
  );
  client.hook.before('request', (options) => {
    if (options.method !== 'GET') options.request['retries'] = 0;
  });
  return client;
}
