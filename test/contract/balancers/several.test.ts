import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Balancer } from '../../../src/balancers/port.ts';
import { several } from '../../../src/balancers/several.ts';
import { eventually, unwrap } from './balancer.contract.ts';
import { blueAndGreen, entrance, placesOf } from './rig/fleet.ts';
import { startBackends, startTraffic } from './rig/processes.ts';
import { membershipHaproxy, pointerHaproxy } from './rig/subjects.ts';

const { blue, green } = blueAndGreen(4);
const pools = [blue, green];

describe('one HAProxy by pointer and one by membership, as one balancer', () => {
  const backends = startBackends();
  const closing: (() => Promise<void>)[] = [() => backends.close()];
  let balancers: readonly Balancer[] = [];
  let both: Balancer;

  beforeAll(async () => {
    await backends.start([...placesOf(blue), ...placesOf(green)]);
    const one = await pointerHaproxy({ blue, green, index: 10 });
    closing.unshift(one.haproxy.close);
    const other = await membershipHaproxy({ blue, green, index: 11 });
    closing.unshift(other.haproxy.close);
    balancers = [one.balancer, other.balancer];
    both = several([one.balancer, other.balancer]);
    unwrap(await both.open());
  });
  afterAll(async () => {
    await both?.close();
    for (const close of closing) await close();
  });

  test('promises what the weaker one can', () => {
    expect(both.name).toBe('lb-10 + lb-11');
    expect(both.traits).toMatchObject({ flips: 'batch', hold: true, drain: 'counter', confirms: 'effect' });
  });

  test('misses nothing, and observes what both agree on', async () => {
    expect(await both.check(pools)).toEqual([]);
    expect(unwrap(await both.observe(pools))).toMatchObject({ live: 'blue', held: false });
  });

  test('a cutover loses nothing and mixes nothing, whichever balancer a user is behind', async () => {
    const { address } = entrance();
    const traffic = await startTraffic({
      address,
      ports: [entrance(10).port, entrance(11).port],
      users: 24,
      thinkMs: 2,
    });
    try {
      for (const pool of [green, blue, green, blue, green, blue]) {
        await traffic.expect(pool.name);
        expect(unwrap(await both.apply(pool, pools)).batchMs).toBe(0);
        expect(await eventually(async () => (await traffic.report()).expected > 200)).toBe(true);
        expect(await traffic.report()).toMatchObject({ failed: 0, mixed: 0 });
      }
    } finally {
      await traffic.close();
    }
  });

  test('has no live pool while the two disagree, and brings them together again', async () => {
    unwrap((await balancers[0]?.apply(green, pools)) ?? { ok: false, failure: { what: 'no balancer' } });
    expect(unwrap(await both.observe(pools)).live).toBeUndefined();
    unwrap(await both.apply(blue, pools));
    expect(unwrap(await both.observe(pools)).live).toBe('blue');
  });

  test('when one of them is out of reach nothing stays held', async () => {
    const [first, second] = balancers;
    if (first === undefined || second === undefined) throw new Error('no balancers');
    const broken: Balancer = {
      ...second,
      traits: second.traits,
      hold: async () => ({ ok: false, failure: { what: 'gone', where: 'lb-11' } }),
    };
    const answer = await several([first, broken]).apply(green, pools);
    expect(answer).toMatchObject({ ok: false, failure: { what: 'gone', where: 'lb-11' } });
    expect(unwrap(await both.observe(pools))).toMatchObject({ live: 'blue', held: false });
  });
});
