import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fail, ok, type Result } from '../result.ts';
import type { Clock } from '../rollout/clock.ts';
import { eachBounded } from './each.ts';
import { type Answer, exchange, type Surroundings } from './exchange.ts';
import { cacheControl, contentType, uploadWaves } from './naming.ts';
import type { Asset, Store, UploadReceipt } from './port.ts';
import { type Brought, seenByUsers } from './public.ts';
import { emptySha256, objectUrl, type Signable, signed, type UploadConfig } from './s3-request.ts';
import { destination, errorOf, explain } from './s3-words.ts';

/** Requests at the same time. */
const width = 16;

/** What one PUT may carry. */
const largest = 5 * 1024 ** 3;

/** An attempt may take this long, and as long again for every so many bytes. */
const patienceMs = 30_000;
const patienceBytes = 2 * 1024 ** 2;

/** A store that speaks S3: AWS, R2, B2, Spaces, MinIO, Ceph, Cloud Storage with HMAC keys. */
export function makeStore(config: UploadConfig, clock: Clock): Store {
  return {
    async put(assets, signal) {
      const tooLarge = assets.find(({ size }) => size > largest);
      if (tooLarge) return fail({ what: `${tooLarge.key} is larger than 5 GB`, where: destination(config) });
      const stop = new AbortController();
      const around = { clock, signal: AbortSignal.any([signal, stop.signal]) };
      const brought: Brought[] = [];
      for (const wave of uploadWaves(assets)) {
        const results = await eachBounded(wave, { width, onFailure: () => stop.abort() }, (asset) =>
          bring(asset, config, around),
        );
        if (!results.ok) return results;
        brought.push(...results.value);
      }
      const seen = config.verify === undefined ? ok(undefined) : await seenByUsers(brought, config.verify, around);
      return seen.ok ? ok(receipt(brought)) : seen;
    },
  };
}

function receipt(brought: readonly Brought[]): UploadReceipt {
  const uploaded = brought.filter(({ before }) => before !== 'same');
  return {
    uploaded: uploaded.length,
    unchanged: brought.length - uploaded.length,
    bytes: uploaded.reduce((sum, { asset }) => sum + asset.size, 0),
    replaced: brought.filter(({ before }) => before === 'other').map(({ asset }) => asset.key),
  };
}

/** Uploads an asset unless it is there, then looks at it. */
async function bring(asset: Asset, config: UploadConfig, around: Surroundings): Promise<Result<Brought>> {
  const found = await head(asset, config, around);
  if (!found.ok) return found;
  const before = await compare(asset, found.value, config);
  if (before === 'same') return ok({ asset, before });
  const put = await upload(asset, config, around);
  if (!put.ok) return put;
  const after = await head(asset, config, around);
  if (!after.ok) return after;
  if (holds(asset, after.value)) return ok({ asset, before });
  const what = `${asset.key} was uploaded, but cannot be found as it is`;
  return fail(explain(what, after.value, config));
}

const holds = ({ sha256, size }: Asset, { status, headers }: Answer<string>): boolean =>
  status === 200 &&
  headers.get('x-amz-meta-sha256') === sha256 &&
  // Some stores leave the length of an empty object away.
  Number(headers.get('content-length') ?? 0) === size;

/**
 * What the store has under the name. Without the permission to list, a missing object is answered with 403, and whatever is
 * wrong with the credentials comes without a reason: the PUT that follows has one.
 */
async function compare(asset: Asset, answer: Answer<string>, config: UploadConfig): Promise<Brought['before']> {
  if (answer.status === 404) return 'nothing';
  if (answer.status !== 200) return 'unknown';
  if (!holds(asset, answer)) return (await hasSameBytes(asset, answer)) ? 'mislabelled' : 'other';
  const { headers } = answer;
  const described =
    headers.get('content-type') === contentType(asset.key) &&
    headers.get('cache-control') === cacheControl(asset.key, config.cacheControl);
  return described ? 'same' : 'mislabelled';
}

/** What another tool uploaded has no SHA-256 of ours, but mostly the MD5. */
async function hasSameBytes(asset: Asset, { headers }: Answer<string>): Promise<boolean> {
  const etag = md5Of(headers);
  const isOurs = headers.has('x-amz-meta-sha256');
  if (etag === undefined || isOurs || Number(headers.get('content-length')) !== asset.size) return false;
  const md5 = createHash('md5');
  try {
    for await (const _ of contents(asset, md5));
  } catch {
    // The upload that follows says what is wrong with the file.
    return false;
  }
  return md5.digest('hex') === etag;
}

async function head(asset: Asset, config: UploadConfig, around: Surroundings): Promise<Result<Answer<string>>> {
  const request = { method: 'HEAD', url: objectUrl(config, asset.key), headers: {}, bodySha256: emptySha256 } as const;
  const task = `cannot look for ${asset.key}`;
  const answer = await send(request, { task, config, around, patienceMs });
  if (answer.ok && answer.value.status >= 500) return fail(explain(task, answer.value, config));
  return answer;
}

async function upload(asset: Asset, config: UploadConfig, around: Surroundings): Promise<Result<void>> {
  let md5 = createHash('md5');
  const request: Signable = {
    method: 'PUT',
    url: objectUrl(config, asset.key),
    headers: {
      'content-length': String(asset.size),
      'content-type': contentType(asset.key),
      'cache-control': cacheControl(asset.key, config.cacheControl),
      'x-amz-meta-sha256': asset.sha256,
    },
    bodySha256: asset.sha256,
  };
  const body = () => {
    md5 = createHash('md5');
    return asset.size === 0 ? '' : contents(asset, md5);
  };
  const patience = Math.round(patienceMs * (1 + asset.size / patienceBytes));
  const task = `cannot upload ${asset.key}`;
  const answer = await send(request, { task, config, around, patienceMs: patience, body });
  if (!answer.ok) return answer;
  if (answer.value.status !== 200) return fail(explain(task, answer.value, config));
  const sent = md5.digest('hex');
  return (md5Of(answer.value.headers) ?? sent) === sent
    ? ok(undefined)
    : fail({ what: `the store holds other bytes than were sent for ${asset.key}`, where: destination(config) });
}

/**
 * The file piece by piece, never as a whole in memory. Never more than its size either: fetch waits for ever when a body is
 * longer than its Content-Length.
 */
async function* contents({ path, size }: Asset, md5: Hash): AsyncGenerator<Buffer> {
  let left = size;
  for await (const chunk of createReadStream(path)) {
    left -= chunk.length;
    if (left < 0) break;
    md5.update(chunk);
    yield chunk;
  }
  if (left !== 0) throw new Error('the file changed while it was being sent');
}

/** The ETag is the MD5 of what was stored, unless the store encrypts with keys of the customer, or makes it up otherwise. */
function md5Of(headers: Headers): string | undefined {
  const etag = headers.get('etag')?.replaceAll('"', '') ?? '';
  const encryption = headers.get('x-amz-server-side-encryption') ?? '';
  return /^[\da-f]{32}$/.test(etag) && !encryption.startsWith('aws:kms') ? etag : undefined;
}

interface Sending {
  /** What a failure begins with. */
  readonly task: string;
  readonly config: UploadConfig;
  readonly around: Surroundings;
  readonly patienceMs: number;
  readonly body?: () => string | AsyncIterable<Buffer>;
}

async function send(
  request: Signable,
  { task, config, around, patienceMs, body }: Sending,
): Promise<Result<Answer<string>>> {
  const { method, url } = request;
  const make = async () => ({
    url,
    init: { method, headers: await signed(config, request), ...(body && { body: body(), duplex: 'half' as const }) },
  });
  const result = await exchange(
    {
      make,
      read: (response) => response.text(),
      patienceMs,
      // The store's own word for a body that came too slowly.
      again: ({ status, body }) => status === 400 && errorOf(body)?.code === 'RequestTimeout',
    },
    around,
  );
  if (result.ok) return result;
  return fail({
    ...result.failure,
    what: `${task} at ${url.host}: ${result.failure.what}`,
    where: destination(config),
  });
}
