import { expect, it } from 'vitest';
import type { Pool } from '../../src/fleet/nouns.ts';
import { fail, ok, type Result } from '../../src/result.ts';
import { drain } from '../../src/rollout/drain.ts';
import type { World } from '../../src/rollout/world.ts';
import { fakeClock, hastyClock } from '../support/fake-clock.ts';
import { simulate } from '../support/simulated-fleet.ts';

const slots = [{ name: 'current', servers: ['web-1', 'web-2'], ports: [8001] }];
const never = new AbortController().signal;
const gone = fail({ what: 'no answer', where: 'lb' });

/** A balancer that answers as told, its last answer for ever. */
function setting(answers: readonly Result<number>[], clock: World['clock'] = hastyClock()) {
  const { world, pools } = simulate({ slots, release: 'old', live: 'all', wanted: 'new' });
  let asked = 0;
  const busy = async () => answers[Math.min(asked++, answers.length - 1)] ?? ok(0);
  const [, pool] = pools;
  if (pool === undefined) throw new Error('no pool');
  const draining = (signal = never) =>
    drain(pool satisfies Pool, { ...world, clock, balancer: { ...world.balancer, busy } }, signal);
  return { draining, asked: () => asked };
}

it('has to see a pool idle twice, one after the other', async () => {
  const { draining, asked } = setting([ok(0), ok(1), ok(0), ok(0)]);
  expect(await draining()).toMatchObject({ ok: true, value: { note: expect.stringContaining('idle') } });
  expect(asked()).toBe(4);
});

it('goes on at the deadline, and says how many requests may be cut', async () => {
  const drained = await setting([ok(3)]).draining();
  expect(drained).toMatchObject({
    ok: true,
    value: { warning: { what: expect.stringMatching(/^pool a still had 3 requests in flight/) } },
  });
});

it('asks a balancer again that did not answer, and does not take silence for idle', async () => {
  const { draining, asked } = setting([ok(0), gone, ok(0), ok(0)]);
  expect(await draining()).toMatchObject({ ok: true });
  expect(asked()).toBe(4);
});

it('fails with the last words of a balancer that is still not answering at the deadline', async () => {
  const clock = hastyClock();
  expect(await setting([gone], clock).draining()).toEqual(gone);
  expect(clock.now()).toBeGreaterThan(1000);
  expect(clock.sleeps.length).toBeLessThan(20);
});

it('ends when the run is cancelled, however long a request goes on', async () => {
  const clock = fakeClock();
  const cancel = new AbortController();
  const drained = setting([ok(1)], clock).draining(cancel.signal);
  await clock.advance(100);
  cancel.abort(new Error('cancelled by SIGINT'));
  expect(await drained).toEqual(fail({ what: 'cancelled by SIGINT, while pool a finished its requests' }));
});
