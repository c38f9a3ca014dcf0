import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachBounded } from '../../src/cdn/each.ts';
import { fail, ok } from '../../src/result.ts';

test('results come in the order of the items, never more at once than allowed', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), async (turns, width) => {
      let running = 0;
      const result = await eachBounded(turns, { width }, async (count) => {
        running += 1;
        expect(running).toBeLessThanOrEqual(width);
        for (let left = count; left > 0; left -= 1) await turn();
        running -= 1;
        return ok(count);
      });
      expect(result).toEqual(ok(turns));
    }),
    { numRuns: 50 },
  ));

test('nothing starts after a failure, and the first one is the answer', async () => {
  const started: number[] = [];
  let told = 0;
  const items = Array.from({ length: 20 }, (_, index) => index);
  const result = await eachBounded(items, { width: 3, onFailure: () => (told += 1) }, async (item) => {
    started.push(item);
    await turn();
    return item < 4 ? ok(item) : fail({ what: `item ${item}` });
  });
  expect(result).toEqual(fail({ what: 'item 4' }));
  expect(told).toBe(1);
  expect(started.length).toBeLessThan(8);
});
