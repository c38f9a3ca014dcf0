import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/fleet/observation.ts';
import { poolsOf } from '../../src/fleet/pools.ts';
import { makePlan } from '../../src/plan/make.ts';
import type { Wish } from '../../src/plan/plan.ts';

const servers = ['web-1', 'web-2'];
const ports = { blue: 8001, green: 9001 };

const wishFor = (release: string): Wish => ({
  release,
  strategy: 'blue-green',
  pools: poolsOf([
    { name: 'blue', servers, ports: [ports.blue] },
    { name: 'green', servers, ports: [ports.green] },
  ]),
  keepOld: 'forever',
  transfer: false,
  assets: false,
  purge: false,
  balancer: { singleVersion: true, switchMs: 5 },
});

/** Blue runs r1, green runs r2; `serving` gets requests, and by that the balancers are on no single pool of ours. */
const between = (...serving: string[]): Observation => ({
  servers: servers.map((server) => ({
    server,
    releases: ['r1', 'r2'],
    sizes: {},
    pointers: { blue: 'r1', green: 'r2' },
    instances: [
      { server, port: ports.blue, slot: 'blue', ready: true, release: 'r1' },
      { server, port: ports.green, slot: 'green', ready: true, release: 'r2' },
    ],
  })),
  balancers: [{ balancer: 'lb', held: false, members: [], serving }],
});

const steps = (seen: Observation, release: string) => {
  const { plan, violations } = makePlan(seen, wishFor(release), (text) => text);
  expect(violations).toEqual([]);
  return plan.steps.map(({ action }) =>
    'pool' in action ? `${action.do} ${action.pool}` : 'to' in action ? `switch ${action.to}` : action.do,
  );
};

describe('when a change was cut off between two slots, the way to either release restarts nothing', () => {
  const serving = ['web-1:8001', 'web-2:8001', 'web-1:9001'];

  it('to the one that more users are on', () => {
    expect(steps(between(...serving), 'r1')).toEqual(['admit blue', 'switch blue', 'prune']);
  });

  it('to the other', () => {
    expect(steps(between(...serving), 'r2')).toEqual(['admit green', 'switch green', 'drain blue', 'prune']);
  });
});

it('when a balancer holds its requests and another is on the wanted slot, that slot is switched to on both', () => {
  expect(steps(between('web-1:8001', 'web-2:8001'), 'r1')).toEqual(['admit blue', 'switch blue', 'prune']);
});
