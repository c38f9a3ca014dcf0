import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Observation, verdict } from '../../src/health/verdict.ts';

const until = 1000;

const answer = fc.oneof(
  fc.record({ good: fc.constant(true as const), release: fc.constantFrom('new', 'old', 'older') }),
  fc.constant({ good: true as const }),
  fc.record({ good: fc.constant(false as const), why: fc.constantFrom('status 503', 'connection refused') }),
);

/** Few distinct times, so that ties are common. Some answers come after the end. */
const observation: fc.Arbitrary<Observation> = fc
  .record({
    started: fc.integer({ min: 0, max: 60 }),
    took: fc.integer({ min: 0, max: 45 }),
    answer,
    retried: fc.boolean(),
  })
  .map(({ started, took, ...rest }) => ({ started: started * 16, ended: (started + took) * 16, ...rest }));

const observations = fc.array(observation, { maxLength: 40 });

const judge = (seen: readonly Observation[]) => verdict(seen, { wanted: 'new', from: 0, until });

/** The definitions of docs/witness.md, word by word, in whatever time they take. */
function bruteForce(seen: readonly Observation[]) {
  const good = seen.filter((one) => one.answer.good);
  const isNew = (one: Observation) => one.answer.good && one.answer.release === 'new';
  const news = good.filter(isNew).map((one) => one.ended);
  const olds = good.filter((one) => !isNew(one));
  const firstNewAt = news.length > 0 ? Math.min(...news) : undefined;
  const mixed = olds.filter((one) => firstNewAt !== undefined && one.started > firstNewAt);
  let outageMs = 0;
  for (let start = 0; start <= until; start += 1) {
    let end = start;
    while (end < until && !good.some((one) => one.ended > start && one.ended <= end)) end += 1;
    outageMs = Math.max(outageMs, end - start);
  }
  return {
    requests: seen.length,
    failed: seen.length - good.length,
    retried: seen.filter((one) => one.retried).length,
    mixed: mixed.length,
    mixedMs: mixed.length > 0 ? Math.max(...mixed.map((one) => one.started)) - (firstNewAt ?? 0) : 0,
    outageMs,
    firstNewAt,
    lastOldAt: olds.length > 0 ? Math.max(...olds.map((one) => one.ended)) : undefined,
  };
}

test('the figures are what their definitions say, whatever was seen', () => {
  fc.assert(
    fc.property(observations, (seen) => {
      const { samples: _, ...figures } = judge(seen);
      expect({ firstNewAt: undefined, lastOldAt: undefined, ...figures }).toEqual(bruteForce(seen));
    }),
    { numRuns: 300 },
  );
});

test('the order in which observations are given changes no figure', () => {
  const shuffled = observations.chain((seen) =>
    fc.tuple(fc.constant(seen), fc.shuffledSubarray(seen, { minLength: seen.length, maxLength: seen.length })),
  );
  fc.assert(
    fc.property(shuffled, ([seen, other]) => {
      const { samples: _, ...figures } = judge(seen);
      expect(judge(other)).toMatchObject(figures);
    }),
  );
});

test('a bad answer more never makes the verdict better', () => {
  fc.assert(
    fc.property(observations, fc.nat(900), (seen, at) => {
      const worse: Observation = { started: at, ended: at, answer: { good: false, why: 'x' }, retried: false };
      const [before, after] = [judge(seen), judge([...seen, worse])];
      expect(after.failed).toBe(before.failed + 1);
      expect(after.outageMs).toBe(before.outageMs);
      expect(after.mixed).toBe(before.mixed);
    }),
  );
});

const got = (release: string, started: number, ended: number): Observation => ({
  started,
  ended,
  answer: { good: true, release },
  retried: false,
});

const failed = (why: string, at: number): Observation => ({
  started: at,
  ended: at,
  answer: { good: false, why },
  retried: false,
});

test('an old answer that was under way when the new release first answered is not mixed', () => {
  const summary = judge([got('old', 10, 500), got('new', 20, 100), got('old', 100, 300)]);
  expect(summary).toMatchObject({ mixed: 0, mixedMs: 0, firstNewAt: 100, lastOldAt: 500, samples: [] });
});

test('mixed answers are counted and named', () => {
  const summary = judge([got('new', 20, 100), got('old', 150, 160), got('old', 180, 190), got('new', 200, 210)]);
  expect(summary).toMatchObject({
    mixed: 2,
    mixedMs: 80,
    samples: ['answered by old after the new release had answered: 2 times, first 0.150 s into the run'],
  });
});

test('no good answer at all is an outage from the start to the end', () => {
  expect(judge([failed('status 503', 5)])).toMatchObject({ outageMs: until, failed: 1, requests: 1 });
  expect(judge([])).toMatchObject({ outageMs: until, failed: 0, requests: 0 });
});

test('samples stay few, however many kinds of errors there are', () => {
  const many = Array.from({ length: 5000 }, (_, index) => failed(`kind ${index % 100}`, index / 10));
  const { samples, failed: count } = judge(many);
  expect(count).toBe(5000);
  expect(samples).toHaveLength(5);
  expect(samples[0]).toBe('kind 0: 50 times, first 0.000 s into the run');
});
