import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collectAssets } from '../../src/cdn/assets.ts';
import { makeStore } from '../../src/cdn/s3.ts';
import { hastyClock } from '../support/fake-clock.ts';
import { listen } from '../support/listen.ts';
import { type S3Server, startS3 } from './s3-server.ts';

let folder: string;
let s3: S3Server;
const cleanups: (() => void)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cdn-public-'));
  s3 = await startS3({ publicRead: true });
  await writeFile(join(folder, 'a b.js'), 'one');
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  await s3.close();
  await rm(folder, { recursive: true });
});

async function put(verify: string) {
  const assets = await collectAssets(folder);
  if (!assets.ok) throw new Error(assets.failure.what);
  const upload = { bucket: s3.bucket, prefix: 'shop', from: folder, endpoint: s3.endpoint, region: s3.region, verify };
  const store = makeStore({ ...upload, cacheControl: 'max-age=60', ...s3.keys }, hastyClock());
  return store.put(assets.value, new AbortController().signal);
}

/** A cache in front of the store that answers as it likes. */
async function cache(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${await listen(server)}/cdn`;
}

const origin = () => `${s3.endpoint}/${s3.bucket}/shop/`;

test('new assets are read back through the public address, known ones only looked at', async () => {
  expect(await put(origin())).toMatchObject({ ok: true });
  expect(s3.log.at(-1)).toBe('GET shop/a b.js');
  expect(await put(origin())).toMatchObject({ value: { unchanged: 1 } });
  expect(s3.log.at(-1)).toBe('HEAD shop/a b.js');
});

test('asks below the base address', async () => {
  const asked: (string | undefined)[] = [];
  const base = await cache((request, response) => {
    asked.push(request.url);
    response.end('one');
  });
  expect(await put(base)).toMatchObject({ ok: true });
  expect(asked).toEqual(['/cdn/a%20b.js']);
});

test('other bytes than were uploaded are a failure that names the address', async () => {
  const base = await cache((_, response) => response.end('two'));
  expect(await put(base)).toMatchObject({
    failure: { what: 'a b.js through the CDN: other bytes than were uploaded', where: `${base}/a%20b.js` },
  });
});

test('an answer that the CDN compressed is the same content', async () => {
  const base = await cache((_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('one')));
  expect(await put(base)).toMatchObject({ ok: true });
});

test('a 404 that a cache remembers for a moment is waited for', async () => {
  let times = 0;
  const base = await cache((_, response) => {
    times += 1;
    response.statusCode = times < 4 ? 404 : 200;
    response.end('one');
  });
  expect(await put(base)).toMatchObject({ ok: true });
  expect(times).toBe(4);
});

test('a 404 that stays is a failure with advice', async () => {
  const base = await cache((_, response) => response.writeHead(404).end());
  expect(await put(base)).toMatchObject({
    failure: { what: 'a b.js through the CDN: status 404', advice: expect.stringContaining('cdn.upload.verify') },
  });
});

test('what was replaced may still be cached as it was, until the purge', async () => {
  await put(origin());
  await writeFile(join(folder, 'a b.js'), 'other');
  const base = await cache((_, response) => response.end('one'));
  expect(await put(base)).toMatchObject({ value: { replaced: ['a b.js'] } });
});

test('an unchanged asset of another length is a failure', async () => {
  await put(origin());
  const base = await cache((_, response) => response.writeHead(200, { 'content-length': 9 }).end());
  expect(await put(base)).toMatchObject({ failure: { what: 'a b.js through the CDN: 9 bytes instead of 3' } });
});
