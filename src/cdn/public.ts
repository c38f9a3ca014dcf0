import { createHash } from 'node:crypto';
import { fail, ok, type Result } from '../result.ts';
import { eachBounded } from './each.ts';
import { type Answer, exchange, type Surroundings } from './exchange.ts';
import type { Asset } from './port.ts';

/** An asset that is in the store now, and what was there before. */
export interface Brought {
  readonly asset: Asset;
  /** `mislabelled`: the same bytes with another type or cache time. `unknown`: the store does not tell. */
  readonly before: 'same' | 'nothing' | 'other' | 'mislabelled' | 'unknown';
}

const width = 16;
const patienceMs = 30_000;

/**
 * Looks at every asset the way users will. One that is new under its name is read and hashed. One that was there before may
 * still be cached as it was, until the purge after the flip: that it is answered is all that can be asked of it, and where
 * it did not change, its length.
 */
export async function seenByUsers(
  brought: readonly Brought[],
  base: string,
  around: Surroundings,
): Promise<Result<void>> {
  const results = await eachBounded(brought, { width }, (one) => seen(one, publicUrl(base, one.asset.key), around));
  return results.ok ? ok(undefined) : results;
}

function publicUrl(base: string, key: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
  return url;
}

async function seen({ asset, before }: Brought, url: URL, around: Surroundings): Promise<Result<void>> {
  const isNew = before === 'nothing';
  const answer = await exchange(
    {
      make: async () => ({ url, init: { method: isNew ? 'GET' : 'HEAD', headers: { 'accept-encoding': 'identity' } } }),
      read: sha256,
      patienceMs,
      // A cache may remember for a moment that there was nothing.
      again: ({ status }) => status === 403 || status === 404,
    },
    around,
  );
  const where = url.href;
  if (!answer.ok)
    return fail({
      ...answer.failure,
      what: `${asset.key} cannot be read through the CDN: ${answer.failure.what}`,
      where,
    });
  const wrong = mistake(asset, before, answer.value);
  return wrong === undefined ? ok(undefined) : fail({ what: `${asset.key} through the CDN: ${wrong}`, where, advice });
}

const advice = 'check that cdn.upload.verify leads to what cdn.upload.to names, and that the CDN does not cache errors';

function mistake(
  asset: Asset,
  before: Brought['before'],
  { status, headers, body }: Answer<string>,
): string | undefined {
  if (status !== 200) return `status ${status}`;
  if (before === 'nothing') return body === asset.sha256 ? undefined : 'other bytes than were uploaded';
  const length = headers.get('content-length');
  const known = before === 'same' && length !== null && !headers.has('content-encoding');
  return known && Number(length) !== asset.size ? `${length} bytes instead of ${asset.size}` : undefined;
}

async function sha256(response: Response): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of response.body ?? []) hash.update(chunk);
  return hash.digest('hex');
}
