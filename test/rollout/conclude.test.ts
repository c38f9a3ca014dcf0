import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { makePlan } from '../../src/plan/make.ts';
import type { Wish } from '../../src/plan/plan.ts';
import { fail } from '../../src/result.ts';
import { conclude, type Ending } from '../../src/rollout/conclude.ts';
import { observe } from '../../src/rollout/observe.ts';
import type { World } from '../../src/rollout/world.ts';
import { simulate } from '../support/simulated-fleet.ts';

const slots = [{ name: 'current', servers: ['web-1', 'web-2'], ports: [8001, 8002] }];
const gone = fail({ what: 'the SSH connection was lost', where: 'lb' });

/** A fleet on `r1` that was to be taken to `r2`. */
async function setting(change: (world: World) => World = (world) => world) {
  const { world, pools } = simulate({ slots, release: 'r1', live: 'all', wanted: 'r2' });
  const wish: Wish = {
    release: 'r2',
    strategy: 'swap',
    pools,
    keepOld: 'forever',
    transfer: true,
    assets: false,
    purge: false,
    balancer: { singleVersion: true, switchMs: 1 },
  };
  const seen = await observe(world, pools);
  if (!seen.ok) throw new Error('not observed');
  const { plan } = makePlan(seen.value, wish, (text) => createHash('sha256').update(text).digest('hex'));
  const end = (ending: Omit<Ending, 'plan'>) =>
    conclude({ ...ending, plan }, { wish, world: change(world), budgetMs: 5000 });
  return { end, wish, world };
}

const blinded = (world: World): World => ({
  ...world,
  balancer: { ...world.balancer, observe: async () => gone },
});

it('says what was observed at the end', async () => {
  const { end } = await setting();
  expect(await end({ result: 'rolled-back', failures: [{ what: 'sick' }] })).toMatchObject({
    result: 'rolled-back',
    previous: 'r1',
    live: ['r1'],
    headline: 'r2 failed and was rolled back: r1 is live on 4 instances',
    failures: [{ what: 'sick' }],
  });
});

it('believes no result that the fleet contradicts', async () => {
  const { end } = await setting();
  for (const result of ['flipped', 'unchanged'] as const) {
    const conclusion = await end({ result });
    expect(conclusion).toMatchObject({ result: 'failed', live: ['r1'] });
    expect(conclusion.failures[0]?.what).toContain(`would be ${result}, but a last look says: r1 is live`);
  }
});

it('does not say that a fleet came back which is mixed', async () => {
  const mixed = (world: World): World => ({
    ...world,
    hosts: world.hosts.map((host) => ({
      ...host,
      async observe() {
        const seen = await host.observe();
        if (!seen.ok || host.name !== 'web-2') return seen;
        const instances = seen.value.instances.map((instance) => ({ ...instance, release: 'r2' }));
        return { ok: true, value: { ...seen.value, instances } };
      },
    })),
  });
  const { end } = await setting(mixed);
  expect(await end({ result: 'rolled-back' })).toMatchObject({ result: 'failed', live: ['r1', 'r2'] });
});

it('does not say that nothing answers where nobody could look', async () => {
  const { end } = await setting(blinded);
  for (const result of ['flipped', 'failed', 'cancelled', 'rolled-back'] as const) {
    const conclusion = await end({ result });
    expect(conclusion.live).toBeUndefined();
    expect(conclusion.headline).toContain('what is live now could not be read');
    expect(conclusion.failures.map(({ what }) => what)).toEqual([
      'what is live now could not be read: the SSH connection was lost',
    ]);
    expect(conclusion.result).toBe(result === 'cancelled' ? 'cancelled' : 'failed');
  }
});

it('looks at nothing when nothing was planned, and says that nothing was changed', async () => {
  const { wish, world } = await setting();
  const conclusion = await conclude(
    { result: 'failed', failures: [{ what: 'no backend' }] },
    { wish, world, budgetMs: 5000 },
  );
  expect(conclusion.headline).toBe('nothing was changed: one thing is wrong');
  expect(conclusion.live).toBeUndefined();
});
