import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/fleet/observation.ts';
import { poolsOf } from '../../src/fleet/pools.ts';
import { makePlan } from '../../src/plan/make.ts';
import type { Wish } from '../../src/plan/plan.ts';

const servers = ['web-1', 'web-2'];
const digest = (text: string) => text;

const wish: Wish = {
  release: 'r2',
  strategy: 'swap',
  pools: poolsOf([{ name: 'current', servers, ports: [8001] }]),
  keepOld: 'forever',
  transfer: true,
  assets: true,
  purge: true,
  balancer: { singleVersion: true, switchMs: 5 },
};

/** All on r2 and in the pool; `pointers` are those of web-1 and web-2. */
const seen = (...pointers: readonly (string | undefined)[]): Observation => ({
  servers: servers.map((server, index) => ({
    server,
    releases: ['r1', 'r2'],
    sizes: {},
    pointers: pointers[index] === undefined ? {} : { current: pointers[index] },
    instances: [{ server, port: 8001, slot: 'current', ready: true, release: 'r2' }],
  })),
  balancers: [
    { balancer: 'lb', live: 'all', held: false, members: [], serving: servers.map((server) => `${server}:8001`) },
  ],
});

const actions = (observation: Observation) =>
  makePlan(observation, wish, digest).plan.steps.map(({ action }) => action);

describe('a pointer that is not at the release that runs', () => {
  it('is set right, and nothing else is done', () => {
    expect(actions(seen('r2', 'r1'))).toEqual([{ do: 'point', servers: ['web-2'], slot: 'current' }]);
  });

  it('is no business of ours where there is none, because something else starts the processes', () => {
    expect(actions(seen(undefined, undefined))).toEqual([]);
  });
});
