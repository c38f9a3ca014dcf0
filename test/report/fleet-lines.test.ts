import { describe, expect, it } from 'vitest';
import type { BalancerSeen, InstanceSeen, Observation } from '../../src/fleet/observation.ts';
import { fleetLines } from '../../src/report/fleet-lines.ts';

const slots = [
  { name: 'blue', servers: ['web-1'], ports: [8001, 8002] },
  { name: 'green', servers: ['web-1'], ports: [9001, 9002] },
];

const instance = (port: number, release?: string): InstanceSeen => ({
  server: 'web-1',
  port,
  slot: port < 9000 ? 'blue' : 'green',
  ready: release !== undefined,
  ...(release !== undefined && { release }),
});

const seen = (balancer: Partial<BalancerSeen>, instances: readonly InstanceSeen[]): Observation => ({
  servers: [{ server: 'web-1', releases: ['r1', 'r2'], sizes: {}, pointers: { blue: 'r1' }, instances }],
  balancers: [{ balancer: 'lb', held: false, members: [], serving: ['web-1:8001', 'web-1:8002'], ...balancer }],
});

const settled = [instance(8001, 'r1'), instance(8002, 'r1'), instance(9001), instance(9002)];
const mixed = [instance(8001, 'r1'), instance(8002, 'r2'), instance(9001), instance(9002)];

describe('what is true now', () => {
  it('has a line per balancer, then one per server and slot', () => {
    const [lb = '', blue = '', green = '', ...more] = fleetLines(seen({ live: 'blue' }, settled), slots);
    expect(lb).toMatch(/^lb: sends users to blue, 2 instances/);
    expect(blue).toBe('web-1 blue: live, 2 of 2 ready, answers as r1; points at r1');
    expect(green).toBe('web-1 green: idle, 0 of 2 ready, nothing answers; points at no release');
    expect(more).toEqual([]);
  });

  it('says when a slot answers as two releases', () => {
    expect(fleetLines(seen({ live: 'blue' }, mixed), slots)[1]).toContain('2 of 2 ready, answers as r1 and r2');
  });

  it.each<[string, Partial<BalancerSeen>, RegExp]>([
    ['holds', { held: true, serving: [] }, /^lb: holds all requests, 0 instances/],
    ['is on none of our pools', { serving: [] }, /^lb: sends users to no pool of ours/],
  ])('says when the balancer %s', (_case, balancer, words) => {
    expect(fleetLines(seen(balancer, settled), slots)[0]).toMatch(words);
  });

  it('leaves out slots that a server does not have', () => {
    const elsewhere = slots.map((slot) => (slot.name === 'green' ? { ...slot, servers: ['web-2'] } : slot));
    expect(fleetLines(seen({ live: 'blue' }, settled), elsewhere)).toHaveLength(2);
  });
});
