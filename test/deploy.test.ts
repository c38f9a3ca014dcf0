import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploy } from '../src/deploy.ts';
import type { Wish } from '../src/plan/plan.ts';
import { anySlots } from './support/fleets.ts';
import { type Fault, type Simulation, simulate } from './support/simulated-fleet.ts';

type Slots = Parameters<typeof simulate>[0]['slots'];

const never = new AbortController().signal;
const liveAtStart = (slots: Slots) => (slots.length === 1 ? 'all' : 'blue');

const wishFor = (slots: Slots, simulation: Simulation, release = 'new'): Wish => ({
  release,
  strategy: slots.length === 1 ? 'swap' : 'blue-green',
  pools: simulation.pools,
  keepOld: 'forever',
  transfer: true,
  assets: false,
  purge: false,
  balancer: { singleVersion: true, switchMs: 5 },
});

const start = (
  slots: Slots,
  options: { fault?: Fault | readonly Fault[]; live?: string | undefined; onCall?: (call: number) => void } = {},
) => simulate({ slots, release: 'old', wanted: 'new', live: liveAtStart(slots), ...options });

const order = (wish: Wish) => ({ wish, budgetMs: 5000, dryRun: false });

/** Once users saw the new release they never see the old one again. */
const neverMixed = (shown: readonly (readonly string[])[]) => shown.every((versions) => versions.length <= 1);

describe('deploy', () => {
  it('puts the new release live everywhere, one version at a time', async () => {
    await fc.assert(
      fc.asyncProperty(anySlots, async (slots) => {
        const fleet = start(slots);
        const conclusion = await deploy(order(wishFor(slots, fleet)), fleet.world, never);
        expect(conclusion).toMatchObject({ result: 'flipped', live: ['new'], previous: 'old', failures: [] });
        expect(fleet.truth()).toEqual({ live: ['new'], capacity: 1 });
        expect(neverMixed(fleet.shown)).toBe(true);
      }),
    );
  });

  it('starts an empty fleet', async () => {
    await fc.assert(
      fc.asyncProperty(anySlots, async (slots) => {
        const fleet = start(slots, { live: undefined });
        const conclusion = await deploy(order(wishFor(slots, fleet)), fleet.world, never);
        expect(conclusion).toMatchObject({ result: 'flipped', live: ['new'], failures: [] });
        expect(conclusion.previous).toBeUndefined();
      }),
    );
  });

  it('leaves a fleet alone that has the release already', async () => {
    await fc.assert(
      fc.asyncProperty(anySlots, async (slots) => {
        const fleet = start(slots);
        const conclusion = await deploy(order(wishFor(slots, fleet, 'old')), fleet.world, never);
        expect(conclusion).toMatchObject({ result: 'unchanged', live: ['old'] });
        expect(fleet.calls).toEqual([]);
      }),
    );
  });

  it('ends on one release and says which, whichever single call fails, before or after it took effect', async () => {
    const kind = fc.constantFrom<Fault['kind']>('fails', 'fails-half-way', 'fails-after-effect', 'throws');
    await fc.assert(
      fc.asyncProperty(anySlots, fc.nat({ max: 60 }), kind, async (slots, call, how) => {
        const fleet = start(slots, { fault: { call, kind: how } });
        const conclusion = await deploy(order(wishFor(slots, fleet)), fleet.world, never);
        const truth = fleet.truth();
        expect(conclusion.live).toEqual(truth.live);
        expect(truth.live).toHaveLength(1);
        expect(truth.capacity).toBe(1);
        expect(conclusion.result === 'flipped').toBe(truth.live[0] === 'new');
        expect(fleet.astray()).toEqual([]);
        expect(neverMixed(fleet.shown)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('comes back even when the way back fails at first', async () => {
    const kind = fc.constantFrom<Fault['kind']>('fails', 'fails-half-way', 'fails-after-effect');
    await fc.assert(
      fc.asyncProperty(anySlots, fc.nat({ max: 30 }), fc.nat({ max: 20 }), kind, async (slots, call, more, how) => {
        const faults = [call, call + 1 + more].map((at) => ({ call: at, kind: how }));
        const fleet = start(slots, { fault: faults });
        const conclusion = await deploy(order(wishFor(slots, fleet)), fleet.world, never);
        const truth = fleet.truth();
        expect(conclusion.live).toEqual(truth.live);
        expect(truth).toEqual({ live: [conclusion.result === 'flipped' ? 'new' : 'old'], capacity: 1 });
      }),
      { numRuns: 1000 },
    );
  });

  it('ends on one release when it is cancelled at any call', async () => {
    await fc.assert(
      fc.asyncProperty(anySlots, fc.nat({ max: 60 }), async (slots, at) => {
        const cancel = new AbortController();
        const fleet = start(slots, { onCall: (call) => call === at && cancel.abort() });
        const conclusion = await deploy(order(wishFor(slots, fleet)), fleet.world, cancel.signal);
        const truth = fleet.truth();
        expect(conclusion.live).toEqual(truth.live);
        expect(truth).toMatchObject({ capacity: 1 });
        expect(['flipped', 'cancelled']).toContain(conclusion.result);
        expect(truth.live).toEqual([conclusion.result === 'flipped' ? 'new' : 'old']);
      }),
      { numRuns: 1000 },
    );
  });

  it('says beforehand when a fleet that something else deployed has no way back', async () => {
    const slots: Slots = [{ name: 'current', servers: ['web-1', 'web-2'], ports: [8001] }];
    const fleet = start(slots);
    const foreign = fleet.world.hosts.map((host) => ({
      ...host,
      async observe() {
        const seen = await host.observe();
        return seen.ok ? { ...seen, value: { ...seen.value, releases: [], pointers: {} } } : seen;
      },
    }));
    const conclusion = await deploy(order(wishFor(slots, fleet)), { ...fleet.world, hosts: foreign }, never);
    expect(conclusion).toMatchObject({ result: 'flipped', live: ['new'] });
    expect(fleet.happenings).toContainEqual({
      type: 'warning',
      failure: expect.objectContaining({ what: expect.stringMatching(/^release old .* web-1, web-2: .* no way back/) }),
    });
    const known = start(slots);
    await deploy(order(wishFor(slots, known)), known.world, never);
    expect(known.happenings.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  it('changes nothing on a dry run, or when another plan was approved', async () => {
    const [slots] = fc.sample(anySlots, { numRuns: 1, seed: 3 });
    if (slots === undefined) throw new Error('no sample');
    const fleet = start(slots);
    const wish = wishFor(slots, fleet);
    expect(await deploy({ ...order(wish), dryRun: true }, fleet.world, never)).toMatchObject({ result: 'planned' });
    const refused = await deploy({ ...order(wish), expectPlan: 'another' }, fleet.world, never);
    expect(refused.result).toBe('failed');
    expect(refused.failures[0]?.what).toContain('changed since the plan was approved');
    expect(fleet.calls).toEqual([]);
  });
});
