import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePurger, type PurgeConfig } from '../../src/cdn/fastly.ts';
import { hastyClock } from '../support/fake-clock.ts';
import { type FastlyServer, startFastly } from './fastly-server.ts';

let fastly: FastlyServer;

beforeEach(async () => {
  fastly = await startFastly({ service: 'SU1Z0isxPaozGVKXdv0eY', token: 'right-token', powerless: 'weak-token' });
});

afterEach(() => fastly.close());

function purge(overrides: Partial<PurgeConfig> = {}, clock = hastyClock()) {
  const config: PurgeConfig = {
    provider: 'fastly',
    service: 'SU1Z0isxPaozGVKXdv0eY',
    keys: ['shop-html'],
    token: 'right-token',
    endpoint: fastly.endpoint,
    againAfterMs: 1000,
    ...overrides,
  };
  return makePurger(config, clock).purge(new AbortController().signal);
}

test('purges keys, never softly', async () => {
  expect(await purge({ keys: ['shop-html', 'shop-api'] })).toEqual({ ok: true, value: undefined });
  expect(fastly.purges).toEqual([{ keys: ['shop-html', 'shop-api'], soft: false }]);
});

test('purges more keys than one request may have, each once', async () => {
  const keys = Array.from({ length: 600 }, (_, index) => `key-${index}-${'x'.repeat(100)}`);
  expect(await purge({ keys })).toMatchObject({ ok: true });
  expect(fastly.purges.map((one) => one.keys.length)).toEqual([256, 256, 88]);
  expect(fastly.purges.flatMap((one) => one.keys)).toEqual(keys);
});

test.each([
  [{ token: 'wrong-token' }, 401, 'check the token'],
  [{ token: 'weak-token' }, 403, 'purge_select'],
  [{ service: 'other/service' }, 404, 'check cdn.purge.service'],
])('%o is refused with status %i and advice', async (wrong, status, advice) => {
  const result = await purge(wrong);
  expect(result).toMatchObject({
    failure: { what: `the purge was refused: status ${status}`, advice: expect.stringContaining(advice) },
  });
  expect(JSON.stringify(result)).not.toContain('-token"');
  expect(fastly.purges).toEqual([]);
});

test('tries again when Fastly is busy, as late as it asks for', async () => {
  fastly.faults.refuse = { times: 2, status: 429, retryAfter: 7 };
  const clock = hastyClock();
  expect(await purge({}, clock)).toMatchObject({ ok: true });
  expect(clock.sleeps).toEqual([7000, 7000]);
});

test('tries again after an error and after a lost connection', async () => {
  fastly.faults.drop = 1;
  fastly.faults.refuse = { times: 2, status: 503 };
  expect(await purge()).toMatchObject({ ok: true });
  expect(fastly.purges).toHaveLength(1);
});

test('gives up after five attempts and says what that means', async () => {
  fastly.faults.refuse = { times: Number.POSITIVE_INFINITY, status: 503 };
  expect(await purge()).toMatchObject({
    failure: { what: 'the purge was refused: status 503', advice: expect.stringContaining('purge them by hand') },
  });
  expect(fastly.log).toHaveLength(5);
});

test('nobody listening is a failure with the host', async () => {
  await fastly.close();
  expect(await purge()).toMatchObject({
    failure: { what: expect.stringMatching(/^the purge did not reach 127\.0\.0\.1:\d+: connection refused$/) },
  });
});
