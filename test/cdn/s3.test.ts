import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collectAssets } from '../../src/cdn/assets.ts';
import { makeStore } from '../../src/cdn/s3.ts';
import type { UploadConfig } from '../../src/cdn/s3-request.ts';
import { type Clock, startClock } from '../../src/rollout/clock.ts';
import { hastyClock } from '../support/fake-clock.ts';
import { type S3Server, startS3 } from './s3-server.ts';

let folder: string;
let s3: S3Server;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cdn-s3-'));
  s3 = await startS3();
});

afterEach(async () => {
  await s3.close();
  await rm(folder, { recursive: true });
});

const immutable = 'public, max-age=31536000, immutable';

const config = (overrides: Partial<UploadConfig> = {}): UploadConfig => ({
  bucket: s3.bucket,
  prefix: 'shop',
  from: folder,
  endpoint: s3.endpoint,
  region: s3.region,
  cacheControl: immutable,
  ...s3.keys,
  ...overrides,
});

async function write(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

const site = {
  'index.html': '<script src=main.0a1b2c3d.js></script>',
  'main.0a1b2c3d.js': 'import("./chunk-DfG3k_1a.js")',
  'chunk-DfG3k_1a.js': 'export {}',
  'loader.js': 'import("./main.0a1b2c3d.js")',
  'img/logo.0a1b2c3d.svg': '<svg/>',
  'empty.txt': '',
};

interface Around {
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

async function put(
  overrides: Partial<UploadConfig> = {},
  { clock = hastyClock(), signal = new AbortController().signal }: Around = {},
) {
  const assets = await collectAssets(folder);
  if (!assets.ok) return assets;
  return makeStore(config(overrides), clock).put(assets.value, signal);
}

async function failureOf(result: Promise<Awaited<ReturnType<typeof put>>>) {
  const settled = await result;
  if (settled.ok) throw new Error('this should have failed');
  return settled.failure;
}

test('uploads every file with its type and cache time, and the store has the same bytes', async () => {
  await write(site);
  const size = Object.values(site).join('').length;
  expect(await put()).toEqual({ ok: true, value: { uploaded: 6, unchanged: 0, bytes: size, replaced: [] } });
  expect(Object.fromEntries([...s3.objects].map(([key, { body }]) => [key, body.toString()]))).toEqual(
    Object.fromEntries(Object.entries(site).map(([name, content]) => [`shop/${name}`, content])),
  );
  const headers = (name: string) => s3.objects.get(`shop/${name}`)?.headers;
  expect(headers('index.html')).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
  });
  expect(headers('main.0a1b2c3d.js')).toEqual({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': immutable,
    'x-amz-meta-sha256': createHash('sha256').update(site['main.0a1b2c3d.js']).digest('hex'),
  });
});

test('nothing becomes visible before what it refers to', async () => {
  await write(site);
  await put();
  const puts = s3.log.filter((line) => line.startsWith('PUT')).map((line) => line.slice('PUT shop/'.length));
  expect(new Set(puts.slice(0, 2))).toEqual(new Set(['empty.txt', 'img/logo.0a1b2c3d.svg']));
  expect(new Set(puts.slice(2, 4))).toEqual(new Set(['main.0a1b2c3d.js', 'chunk-DfG3k_1a.js']));
  expect(puts.slice(4)).toEqual(['loader.js', 'index.html']);
});

test('a second upload sends nothing; a change sends the change and names what it replaced', async () => {
  await write(site);
  await put();
  s3.log.length = 0;
  expect(await put()).toMatchObject({ value: { uploaded: 0, unchanged: 6, bytes: 0 } });
  expect(s3.log.every((line) => line.startsWith('HEAD'))).toBe(true);
  await write({ 'loader.js': 'changed', 'new.css': 'a{}' });
  expect(await put()).toMatchObject({ value: { uploaded: 2, unchanged: 5, bytes: 10, replaced: ['loader.js'] } });
  expect(s3.objects.get('shop/loader.js')?.body.toString()).toBe('changed');
});

test('same size is not same content', async () => {
  await write({ 'a.js': 'one' });
  await put();
  await write({ 'a.js': 'two' });
  expect(await put()).toMatchObject({ value: { uploaded: 1, replaced: ['a.js'] } });
});

test('what is wanted differently in headers only is sent again, but not called replaced', async () => {
  await write({ 'a.0a1b2c3d.js': 'one' });
  await put();
  expect(await put({ cacheControl: 'max-age=60' })).toMatchObject({ value: { uploaded: 1, replaced: [] } });
  expect(s3.objects.get('shop/a.0a1b2c3d.js')?.headers['cache-control']).toBe('max-age=60');
});

test('what another tool uploaded is recognised by its MD5', async () => {
  await write({ 'same.js': 'one', 'other.js': 'two' });
  const etag = `"${createHash('md5').update('one').digest('hex')}"`;
  s3.objects.set('shop/same.js', { body: Buffer.from('one'), headers: {}, etag });
  s3.objects.set('shop/other.js', { body: Buffer.from('one'), headers: {}, etag });
  expect(await put()).toMatchObject({ value: { uploaded: 2, replaced: ['other.js'] } });
});

test('nothing is ever deleted', async () => {
  s3.objects.set('shop/old.js', { body: Buffer.from('old'), headers: {}, etag: '"x"' });
  await write(site);
  await put();
  expect(s3.objects.has('shop/old.js')).toBe(true);
  expect(s3.log.some((line) => line.startsWith('DELETE'))).toBe(false);
});

test('names with any character arrive as they are', async () => {
  const names = ["it's (1)!*.js", 'a+b c&d=e.css', 'ünï/çode ☃.svg', '100%25.txt', 'semi;colon,@$~.js', '#hash?.js'];
  await write(Object.fromEntries(names.map((name) => [name, name])));
  expect(await put()).toMatchObject({ ok: true });
  expect([...s3.objects.keys()].sort()).toEqual(names.map((name) => `shop/${name}`).sort());
  expect(await put()).toMatchObject({ value: { unchanged: names.length } });
});

test('a large file goes through in pieces', async () => {
  const content = Buffer.alloc(40 * 1024 * 1024, 'fleet');
  await write({ 'video.webm': content });
  expect(await put()).toMatchObject({ value: { bytes: content.length } });
  expect(s3.objects.get('shop/video.webm')?.body.equals(content)).toBe(true);
});

test('works without a prefix and with a session token', async () => {
  await s3.close();
  s3 = await startS3({ keys: { accessKeyId: 'ID', secretAccessKey: 'secret', sessionToken: 'token+/=' } });
  await write({ 'a.js': 'one' });
  expect(await put({ prefix: '' })).toMatchObject({ ok: true });
  expect([...s3.objects.keys()]).toEqual(['a.js']);
});

test.each([500, 502, 503, 429])('tries again after status %i, waiting longer each time', async (status) => {
  await write({ 'a.js': 'one' });
  s3.faults.refuse = { times: 3, status, code: 'SlowDown', method: 'PUT' };
  const clock = hastyClock();
  expect(await put({}, { clock })).toMatchObject({ value: { uploaded: 1 } });
  expect(clock.sleeps).toHaveLength(3);
  expect(clock.sleeps[2]).toBeGreaterThan(clock.sleeps[0] ?? 0);
});

test('tries again after a lost connection and after RequestTimeout', async () => {
  await write({ 'a.js': 'one' });
  s3.faults.drop = 2;
  s3.faults.refuse = { times: 2, status: 400, code: 'RequestTimeout', method: 'PUT' };
  expect(await put()).toMatchObject({ value: { uploaded: 1 } });
});

test('gives up on a store that stays down, and sends nothing more', async () => {
  await write(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}.png`, `${index}`])));
  s3.faults.refuse = { times: Number.POSITIVE_INFINITY, status: 503, code: 'SlowDown', method: 'PUT' };
  const failure = await failureOf(put());
  expect(failure.what).toMatch(/^cannot upload \d+\.png: SlowDown$/);
  expect(failure).toMatchObject({ where: 's3://assets/shop', advice: expect.stringContaining('limits the rate') });
  expect(s3.log.length).toBeLessThan(200);
  expect(s3.objects.size).toBe(0);
});

test('a document is not uploaded when what it refers to was not', async () => {
  await write(site);
  s3.faults.refuse = { times: 1, status: 403, code: 'AccessDenied', method: 'PUT' };
  expect((await failureOf(put())).what).toMatch(/AccessDenied$/);
  expect(s3.objects.has('shop/index.html')).toBe(false);
});

const refusals: readonly (readonly [string, () => Partial<UploadConfig>, RegExp, RegExp])[] = [
  ['secret key', () => ({ secretAccessKey: 'wrong-secret' }), /SignatureDoesNotMatch/, /check the secret key/],
  ['access key', () => ({ accessKeyId: 'AKIDWRONG' }), /InvalidAccessKeyId/, /check the access key/],
  ['bucket', () => ({ bucket: 'elsewhere' }), /NoSuchBucket/, /check the bucket/],
  ['region', () => ({ region: 'us-east-1' }), /AuthorizationHeaderMalformed/, /cdn\.upload\.region/],
];

test.each(refusals)('a wrong %s is told with advice and without the secret', async (_, wrong, what, advice) => {
  await write({ 'a.js': 'one' });
  const failure = await failureOf(put(wrong()));
  expect(failure.what).toMatch(what);
  expect(failure.advice).toMatch(advice);
  const told = JSON.stringify(failure);
  for (const secret of [s3.keys.secretAccessKey, s3.keys.accessKeyId, 'wrong-secret', 'AKIDWRONG']) {
    expect(told).not.toContain(secret);
  }
});

test('a wrong clock is told with by how much', async () => {
  await write({ 'a.js': 'one' });
  s3.faults.skewMs = -3_600_000;
  const failure = await failureOf(put());
  expect(failure.what).toMatch(/RequestTimeTooSkewed/);
  expect(failure.advice).toMatch(/^the clock of this machine is 3[56]\d\d s ahead of the store's: set it$/);
});

test('a full store is told as such', async () => {
  await write({ 'a.js': 'one' });
  s3.faults.quota = 2;
  expect(await failureOf(put())).toMatchObject({ what: 'cannot upload a.js: QuotaExceeded', advice: /full/ });
});

test('a store that keeps other bytes, or none, is found out', async () => {
  await write({ 'a.js': 'one' });
  s3.faults.corrupt = true;
  expect((await failureOf(put())).what).toBe('the store holds other bytes than were sent for a.js');
  s3.objects.clear();
  s3.faults.corrupt = false;
  s3.faults.forget = true;
  expect((await failureOf(put())).what).toBe('a.js was uploaded, but cannot be found as it is: status 404');
});

test('an ETag that is no MD5 is not taken for one', async () => {
  await write({ 'a.js': 'one' });
  s3.faults.kms = true;
  expect(await put()).toMatchObject({ ok: true });
});

test('a key that may not list uploads all the same, and claims no replacement', async () => {
  await write({ 'a.js': 'one' });
  s3.faults.hidesMissing = true;
  expect(await put()).toMatchObject({ value: { uploaded: 1, replaced: [] } });
});

test.each([
  ['of the same size', 'two', /XAmzContentSHA256Mismatch$/],
  ['that is longer', 'longer', /the file changed while it was being sent$/],
  ['that is shorter', '2', /the file changed while it was being sent$/],
  ['that is gone', undefined, /ENOENT/],
])('a file %s when it is uploaded than when it was hashed stops the upload', async (_, content, what) => {
  await write({ 'a.js': 'one' });
  const assets = await collectAssets(folder);
  if (content === undefined) await rm(join(folder, 'a.js'));
  else await write({ 'a.js': content });
  const store = makeStore(config(), hastyClock());
  const result = await store.put(assets.ok ? assets.value : [], new AbortController().signal);
  expect(result).toMatchObject({ ok: false, failure: { what: expect.stringMatching(what) } });
  expect(s3.objects.size).toBe(0);
});

test('cancelling ends an upload at once', async () => {
  await write({ 'a.js': 'one' });
  s3.faults.delayMs = 60_000;
  const controller = new AbortController();
  const putting = put({}, { clock: startClock(), signal: controller.signal });
  while (s3.log.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  expect((await failureOf(putting)).what).toMatch(/cancelled/);
});

test('nobody listening is told with the host', async () => {
  await write({ 'a.js': 'one' });
  await s3.close();
  const failure = await failureOf(put());
  expect(failure.what).toMatch(/^cannot look for a\.js at 127\.0\.0\.1:\d+: connection refused$/);
});
