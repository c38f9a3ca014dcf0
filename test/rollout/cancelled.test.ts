import { expect, it } from 'vitest';
import { deploy } from '../../src/deploy.ts';
import { poolsOf } from '../../src/fleet/pools.ts';
import type { Wish } from '../../src/plan/plan.ts';
import { fail, ok } from '../../src/result.ts';
import { unlessCancelled } from '../../src/rollout/cancelled.ts';
import { type Fault, simulate } from '../support/simulated-fleet.ts';

const servers = ['web-1', 'web-2'];
const slots = [
  { name: 'blue', servers, ports: [8001] },
  { name: 'green', servers, ports: [9001] },
];

const order = (keepOld: Wish['keepOld'] = 'forever') => ({
  wish: {
    release: 'new',
    strategy: 'blue-green' as const,
    pools: poolsOf(slots),
    keepOld,
    transfer: true,
    assets: false,
    purge: false,
  },
  budgetMs: 5000,
  dryRun: false,
});

const start = (options: { fault?: Fault; onCall?: (call: number, name: string) => void } = {}) =>
  simulate({ slots, release: 'old', live: 'blue', wanted: 'new', ...options });

it('does not stop the old slot before its time because somebody cancels', async () => {
  const cancel = new AbortController();
  const { world, calls } = start();
  const clock = { ...world.clock, sleep: async (ms: number) => (ms === 600_000 ? cancel.abort() : undefined) };
  const conclusion = await deploy(order(600_000), { ...world, clock }, cancel.signal);
  expect(conclusion.result).toBe('flipped');
  expect(conclusion.warnings).toEqual([{ what: 'cancelled, so blue was left running' }]);
  expect(calls.filter((call) => call.startsWith('stop'))).toEqual([]);
});

it('stops what was started in the idle slot when the stage fails, and nothing that was not begun with', async () => {
  const early = start({ fault: { call: 0, kind: 'fails' } });
  expect(await deploy(order(), early.world, new AbortController().signal)).toMatchObject({
    result: 'failed',
    live: ['old'],
  });
  expect(early.calls).toEqual(['stage web-1', 'stage web-2']);

  const late = start({ fault: { call: 4, kind: 'fails' } });
  expect(await deploy(order(), late.world, new AbortController().signal)).toMatchObject({
    result: 'failed',
    live: ['old'],
  });
  expect(late.calls.slice(4)).toEqual([
    'await web-1/green',
    'await web-2/green',
    'stop web-1/green',
    'stop web-2/green',
  ]);
});

it('is no way back when it comes before the first pool change', async () => {
  const cancel = new AbortController();
  const { world, calls, happenings } = start({
    onCall: (_, name) => {
      if (name === 'admit green') cancel.abort(new Error('the time of the run is up'));
    },
  });
  const conclusion = await deploy(order(), world, cancel.signal);
  expect(conclusion).toMatchObject({ result: 'cancelled', live: ['old'] });
  expect(conclusion.failures[0]?.what).toMatch(/^the time of the run is up, before step 5: cut over/);
  expect(happenings).not.toContainEqual({ type: 'phase-started', phase: 'return' });
  expect(calls.slice(-2)).toEqual(['stop web-1/green', 'stop web-2/green']);
});

it('ends the waiting for work, not the work, and hears nothing of how that ends', async () => {
  const cancel = new AbortController();
  let end: (error: Error) => void = () => {};
  const work = new Promise<never>((_, reject) => {
    end = reject;
  });
  const waiting = unlessCancelled(work, cancel.signal, 'while copying');
  cancel.abort(new Error('cancelled by SIGINT'));
  expect(await waiting).toEqual(fail({ what: 'cancelled by SIGINT, while copying' }));
  end(new Error('the connection was closed'));
  expect(await unlessCancelled(Promise.reject(new Error('at once')), cancel.signal, 'x')).toMatchObject({ ok: false });
  expect(await unlessCancelled(Promise.resolve(ok(1)), new AbortController().signal, 'x')).toEqual(ok(1));
});
