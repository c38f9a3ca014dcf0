import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cdnStep } from '../../src/cdn/step.ts';
import type { CdnConfig } from '../../src/inputs/config.ts';
import type { Failure } from '../../src/result.ts';
import { hastyClock } from '../support/fake-clock.ts';
import { type FastlyServer, startFastly } from './fastly-server.ts';
import { type S3Server, startS3 } from './s3-server.ts';

let folder: string;
let s3: S3Server;
let fastly: FastlyServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cdn-step-'));
  [s3, fastly] = await Promise.all([startS3(), startFastly({ service: 'shop', token: 'right-token' })]);
});

afterEach(async () => {
  await Promise.all([s3.close(), fastly.close()]);
  await rm(folder, { recursive: true });
});

const never = new AbortController().signal;

const uploading = (): NonNullable<CdnConfig['upload']> => ({
  bucket: s3.bucket,
  prefix: 'shop',
  from: folder,
  endpoint: s3.endpoint,
  region: s3.region,
  cacheControl: 'public, max-age=31536000, immutable',
  ...s3.keys,
});

const purging = (): NonNullable<CdnConfig['purge']> => ({
  provider: 'fastly',
  service: 'shop',
  keys: ['shop-html'],
  token: 'right-token',
  endpoint: fastly.endpoint,
  againAfterMs: 1000,
});

async function open(config: CdnConfig | undefined) {
  const warnings: Failure[] = [];
  const clock = hastyClock();
  return { ...(await cdnStep(config, { clock, warn: (failure) => warnings.push(failure) })), warnings, clock };
}

it('is nothing where no CDN is configured', async () => {
  expect(Object.keys(await cdnStep(undefined, { clock: hastyClock(), warn: () => {} }))).toEqual([]);
});

it('uploads what is new, and says how much that was', async () => {
  await writeFile(join(folder, 'a.js'), 'a');
  const { uploadAssets, purge } = await open({ upload: uploading() });
  expect(purge).toBeUndefined();
  expect(await uploadAssets?.(never)).toEqual({ ok: true, value: '1 file sent (1 B), 0 unchanged' });
  await writeFile(join(folder, 'b.js'), 'bb');
  expect(await uploadAssets?.(never)).toEqual({ ok: true, value: '1 file sent (2 B), 1 unchanged' });
});

it('warns of content that changed under the same name, because pages of the old release get it too', async () => {
  await writeFile(join(folder, 'a.js'), 'one');
  const { uploadAssets, warnings } = await open({ upload: uploading() });
  await uploadAssets?.(never);
  expect(warnings).toEqual([]);
  await writeFile(join(folder, 'a.js'), 'two');
  expect(await uploadAssets?.(never)).toMatchObject({ ok: true });
  expect(warnings).toMatchObject([
    { what: expect.stringContaining('1 asset changed under the same name'), detail: 'a.js' },
  ]);
});

it('fails where the store does not take it, or the folder is not there', async () => {
  await writeFile(join(folder, 'a.js'), 'a');
  const refused = await open({ upload: { ...uploading(), bucket: 'another' } });
  expect(await refused.uploadAssets?.(never)).toMatchObject({ ok: false });
  const lost = await open({ upload: { ...uploading(), from: join(folder, 'nowhere') } });
  expect(await lost.uploadAssets?.(never)).toMatchObject({ ok: false });
});

it('purges twice, with a pause, and says so', async () => {
  const { purge, clock } = await open({ purge: purging() });
  expect(await purge?.(never)).toEqual({ ok: true, value: '1 key, twice' });
  expect(fastly.purges.map(({ keys }) => keys)).toEqual([['shop-html'], ['shop-html']]);
  expect(clock.sleeps).toContain(1000);
});

it('hands on why the CDN did not purge', async () => {
  const { purge } = await open({ purge: { ...purging(), token: 'wrong-token' } });
  expect(await purge?.(never)).toMatchObject({ ok: false, failure: { what: expect.stringContaining('401') } });
});
