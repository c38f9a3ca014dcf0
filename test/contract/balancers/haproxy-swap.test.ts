import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Balancer } from '../../../src/balancers/port.ts';
import { halfPools } from '../../../src/fleet/pools.ts';
import { ask, eventually, unwrap } from './balancer.contract.ts';
import { entrance, memberTemplate, placesOf, serverLine, serverNames } from './rig/fleet.ts';
import { startHaproxy } from './rig/haproxy.ts';
import { startBackends } from './rig/processes.ts';
import { driverFor } from './rig/subjects.ts';

const pools = halfPools({ name: 'current', servers: serverNames, ports: [8001, 8002] });
const named = (name: string) => {
  const pool = pools.find((one) => one.name === name);
  if (pool === undefined) throw new Error(`no pool ${name}`);
  return pool;
};
const [all, a, b] = [named('all'), named('a'), named('b')];
const at = entrance(30);
const tracking = (pool: typeof a) =>
  pool.instances.map((instance) => serverLine(instance, `track shop-all/${instance.server}-${instance.port}`));

const backends = startBackends();
const closing: (() => Promise<void>)[] = [() => backends.close()];
let balancer: Balancer;

beforeAll(async () => {
  await backends.start(placesOf(all, 'old'));
  const haproxy = await startHaproxy({
    config: 'pointer-swap.cfg',
    bind: `${at.address}:${at.port}`,
    pointer: 'shop shop-all\n',
    servers: { 'shop-all': all.instances.map((one) => serverLine(one)), 'shop-a': tracking(a), 'shop-b': tracking(b) },
    // Checks that notice at once who is gone, and take very long to notice who is back.
    edit: (config) => config.replace('check inter 2s', 'check inter 100ms fall 2 rise 1000'),
  });
  closing.unshift(haproxy.close);
  const pointsTo = { all: 'shop-all', a: 'shop-a', b: 'shop-b' };
  const control = {
    by: 'pointer',
    map: haproxy.map,
    key: 'shop',
    pools: pointsTo,
    hold: 'hold',
    member: memberTemplate,
  } as const;
  balancer = driverFor({ driver: 'haproxy', name: 'lb', socket: haproxy.socket, control });
  closing.unshift(balancer.close);
  unwrap(await balancer.open());
});
afterAll(async () => {
  for (const close of closing) await close();
});

const upIn = async (pool: typeof a) => {
  const { members } = unwrap(await balancer.observe([pool]));
  return members.filter((member) => member.operational === 'up').length;
};

test('the shipped configuration has all that a swap needs', async () => {
  expect(await balancer.check(pools)).toEqual([]);
  expect(unwrap(await balancer.observe(pools))).toMatchObject({ live: 'all', held: false });
});

test('a half is busy with requests that came by the pool of all', async () => {
  const slow = Promise.all(Array.from({ length: 8 }, () => ask(at, 400)));
  expect(await eventually(async () => unwrap(await balancer.busy(all)) === 8)).toBe(true);
  unwrap(await balancer.apply(b, pools));
  expect(unwrap(await balancer.busy(a))).toBe(4);
  await slow;
  expect(unwrap(await balancer.busy(a))).toBe(0);
});

test('members that track others are admitted long before their checks would say so', async () => {
  unwrap(await balancer.apply(b, pools));
  await backends.stop(placesOf(a));
  expect(await eventually(async () => (await upIn(a)) === 0)).toBe(true);
  await backends.start(placesOf(a, 'new'));
  unwrap(await balancer.admit(a, 5_000, new AbortController().signal));
  expect(await upIn(a)).toBe(a.instances.length);
  unwrap(await balancer.apply(a, pools));
  expect(await ask(at)).toBe('new');
});
