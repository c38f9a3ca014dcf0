import { describe, expect, it } from 'vitest';
import type { Observation, ServerSeen } from '../../src/fleet/observation.ts';
import { poolsOf } from '../../src/fleet/pools.ts';
import { rollbackTarget } from '../../src/plan/rollback-target.ts';

const servers = ['web-1', 'web-2'];
const twoSlots = poolsOf([
  { name: 'blue', servers, ports: [8001] },
  { name: 'green', servers, ports: [9001] },
]);
const oneSlot = poolsOf([{ name: 'current', servers, ports: [8001] }]);

const server = (name: string, seen: Partial<ServerSeen>): ServerSeen => ({
  server: name,
  releases: ['r1', 'r2'],
  sizes: {},
  pointers: {},
  instances: [],
  ...seen,
});
const seen = (live: string | undefined, ...of: Partial<ServerSeen>[]): Observation => ({
  servers: of.map((each, index) => server(`web-${index + 1}`, each)),
  balancers: [{ balancer: 'lb', ...(live && { live }), held: false, members: [], serving: [] }],
});

describe('the previous release', () => {
  it('is what the idle slot has', () => {
    const pointers = { blue: 'r1', green: 'r2' };
    const both = [{ pointers }, { pointers }];
    expect(rollbackTarget(seen('green', ...both), twoSlots, 'previous')).toEqual({ found: true, release: 'r1' });
    expect(rollbackTarget(seen('blue', ...both), twoSlots, 'previous')).toEqual({ found: true, release: 'r2' });
  });

  it('is not the release that failed in the idle slot, where the live servers remember another', () => {
    const server = { pointers: { blue: 'r2', green: 'r3' }, releases: ['r1', 'r2', 'r3'], previous: 'r1' };
    const fleet = seen('blue', server, server);
    expect(rollbackTarget(fleet, twoSlots, 'previous')).toEqual({ found: true, release: 'r1' });
  });

  it('is asked of the servers that will run it, where each slot has its own', () => {
    const clusters = poolsOf([
      { name: 'blue', servers: ['web-1'], ports: [8001] },
      { name: 'green', servers: ['web-2'], ports: [8001] },
    ]);
    const fleet = seen('blue', { releases: ['r2'] }, { releases: ['r1'], pointers: { green: 'r1' } });
    expect(rollbackTarget(fleet, clusters, 'previous')).toEqual({ found: true, release: 'r1' });
    expect(rollbackTarget(fleet, clusters, 'r1')).toEqual({ found: true, release: 'r1' });
  });

  it('is what all servers of a one-slot fleet remember', () => {
    const fleet = seen('all', { previous: 'r1' }, { previous: 'r1' });
    expect(rollbackTarget(fleet, oneSlot, 'previous')).toEqual({ found: true, release: 'r1' });
  });

  it.each([
    ['nobody remembers one', seen('all', {}, {}), 'no server remembers'],
    ['servers disagree', seen('all', { previous: 'r1' }, { previous: 'r2' }), 'different ones: r1, r2'],
    [
      'one has lost its files',
      seen('all', { previous: 'r1' }, { previous: 'r1', releases: [] }),
      'not complete on web-2',
    ],
  ])('is refused when %s', (_case, fleet, words) => {
    expect(rollbackTarget(fleet, oneSlot, 'previous')).toEqual({ found: false, why: expect.stringContaining(words) });
  });
});

it('takes a named release that is complete everywhere', () => {
  expect(rollbackTarget(seen('all', {}, {}), oneSlot, 'r2')).toEqual({ found: true, release: 'r2' });
  expect(rollbackTarget(seen('all', {}, {}), oneSlot, 'r9')).toMatchObject({ found: false });
});
