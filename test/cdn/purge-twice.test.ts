import { expect, test } from 'vitest';
import type { Purger } from '../../src/cdn/port.ts';
import { purgeTwice } from '../../src/cdn/purge-twice.ts';
import { fail, ok, type Result } from '../../src/result.ts';
import { fakeClock } from '../support/fake-clock.ts';

function scene(answers: readonly Result<void>[]) {
  const clock = fakeClock();
  const at: number[] = [];
  const purger: Purger = {
    purge: async () => {
      at.push(clock.now());
      return answers[at.length - 1] ?? ok(undefined);
    },
  };
  const controller = new AbortController();
  const result = purgeTwice(purger, 2000, { clock, signal: controller.signal });
  return { clock, at, result, controller };
}

const busy = fail({ what: 'busy' });

test('purges at once and again after the pause', async () => {
  const { clock, at, result } = scene([]);
  await clock.advance(1999);
  expect(at).toEqual([0]);
  await clock.advance(1);
  expect(at).toEqual([0, 2000]);
  expect(await result).toEqual(ok(undefined));
});

test('a second purge makes good for a first that failed', async () => {
  const { clock, result } = scene([busy]);
  await clock.advance(2000);
  expect(await result).toEqual(ok(undefined));
});

test('a second that failed is told', async () => {
  const { clock, result } = scene([ok(undefined), busy]);
  await clock.advance(2000);
  expect(await result).toEqual(busy);
});

test('cancelling ends the pause and says that there was no second purge', async () => {
  const { at, result, controller } = scene([]);
  controller.abort();
  expect(await result).toMatchObject({ failure: { what: 'cancelled before the second purge' } });
  expect(at).toHaveLength(1);
});
