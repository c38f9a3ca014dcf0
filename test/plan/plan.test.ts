import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prove } from '../../src/plan/invariants.ts';
import { makePlan } from '../../src/plan/make.ts';
import { after, capacityOf, inPool, isOn, type Model, versionsOf } from '../../src/plan/model.ts';
import type { Plan, Wish } from '../../src/plan/plan.ts';
import { anyFleet, type Fleet, settledFleet, wanted } from '../support/fleets.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const runs = { numRuns: 1500 };
const planFor = ({ seen, wish }: Fleet) => makePlan(seen, wish, digest);

/** The fleet after every step, the start included. */
const trace = (plan: Plan, start: Model, wish: Wish): Model[] => {
  const models = [start];
  for (const step of plan.steps) models.push(after(models.at(-1) ?? start, step.action, wish));
  return models;
};

describe('a plan from a settled fleet', () => {
  it('breaks no promise, never goes below the smallest pool, and shows one version at a time', () => {
    fc.assert(
      fc.property(settledFleet, (fleet) => {
        const { plan, model, violations } = planFor(fleet);
        expect(violations).toEqual([]);
        const sizes = fleet.wish.pools.map((pool) => pool.instances.length);
        for (const moment of trace(plan, model, fleet.wish)) {
          expect(versionsOf(moment)).toHaveLength(1);
          expect(capacityOf(moment, fleet.wish.pools)).toBeGreaterThanOrEqual(Math.min(...sizes) / Math.max(...sizes));
        }
      }),
      runs,
    );
  });

  it('has exactly one cutover, in the flip', () => {
    fc.assert(
      fc.property(settledFleet, (fleet) => {
        const cutovers = planFor(fleet).plan.steps.filter(({ action }) => action.do === 'switch' && action.cutover);
        expect(cutovers.map((step) => step.phase)).toEqual(['flip']);
      }),
      runs,
    );
  });

  it('keeps blue-green at full capacity with one pool change on the clock', () => {
    fc.assert(
      fc.property(
        settledFleet.filter(({ slots }) => slots.length === 2),
        (fleet) => {
          const flip = planFor(fleet).plan.steps.filter((step) => step.phase === 'flip');
          expect(flip.map((step) => step.action.do)).toEqual(['switch']);
          expect(flip[0]?.capacity).toBe(1);
        },
      ),
    );
  });
});

describe('a plan from any fleet', () => {
  it('ends with the wanted release everywhere that users are sent, at full capacity, or is refused with a reason', () => {
    fc.assert(
      fc.property(anyFleet, (fleet) => {
        const { plan, model, violations } = planFor(fleet);
        if (violations.length > 0) return;
        const end = trace(plan, model, fleet.wish).at(-1) ?? model;
        expect(versionsOf(end)).toEqual([wanted]);
        expect(capacityOf(end, fleet.wish.pools)).toBe(1);
        expect(end.units.filter((unit) => unit.serving).every((unit) => isOn(unit, wanted))).toBe(true);
      }),
      runs,
    );
  });

  it('is refused only for capacity, or because users are on several releases that no pool separates', () => {
    fc.assert(
      fc.property(anyFleet, (fleet) => {
        for (const words of planFor(fleet).violations) expect(words).toMatch(/capacity|answer as|not ready/);
      }),
      runs,
    );
  });

  it('never makes a fleet that answered as one release answer as two', () => {
    fc.assert(
      fc.property(anyFleet, (fleet) => {
        const { plan, model, violations } = planFor(fleet);
        if (violations.length > 0) return;
        const counts = trace(plan, model, fleet.wish).map((moment) => versionsOf(moment).length);
        for (const [index, count] of counts.entries()) {
          if (index > 0) expect(count).toBeLessThanOrEqual(Math.max(1, counts[index - 1] ?? 1));
        }
      }),
      runs,
    );
  });

  it('has nothing to do when planned again at its own end', () => {
    fc.assert(
      fc.property(anyFleet, (fleet) => {
        const { plan, model, violations } = planFor(fleet);
        if (violations.length > 0) return;
        const end = trace(plan, model, fleet.wish).at(-1) ?? model;
        expect(makePlan(observationOf(end, fleet), fleet.wish, digest).plan.steps).toEqual([]);
      }),
      runs,
    );
  });

  it('is the same plan with the same hash for the same input', () => {
    fc.assert(
      fc.property(anyFleet, (fleet) => {
        expect(planFor(fleet)).toEqual(planFor(structuredClone(fleet)));
      }),
    );
  });
});

describe('the way back', () => {
  it('exists after a failure at any step of the flip', () => {
    fc.assert(
      fc.property(settledFleet, fc.nat(), fc.boolean(), (fleet, at, half) => {
        const { plan, model } = planFor(fleet);
        const moments = trace(plan, model, fleet.wish);
        const index = at % plan.steps.length;
        const broken = half ? moments[index + 1] : moments[index];
        const back: Wish = { ...fleet.wish, release: 'old', transfer: false, assets: false };
        const seen = observationOf(broken ?? model, fleet, ['old']);
        const planned = makePlan(seen, back, digest);
        expect(planned.violations).toEqual([]);
        const end = trace(planned.plan, planned.model, back).at(-1) ?? planned.model;
        expect(versionsOf(end)).toEqual(['old']);
        expect(capacityOf(end, back.pools)).toBe(1);
      }),
      runs,
    );
  });
});

describe('the invariants notice a planner that', () => {
  const mutate = (change: (steps: Plan['steps']) => Plan['steps'], name: string) =>
    it(name, () => {
      const fleets = fc.sample(settledFleet, { numRuns: 60, seed: 7 });
      const caught = fleets.filter((fleet) => {
        const { plan, model } = planFor(fleet);
        return prove({ ...plan, steps: change(plan.steps) }, model, fleet.wish).length > 0;
      });
      expect(caught).toHaveLength(fleets.length);
    });
  const without = (what: string) => (steps: Plan['steps']) => steps.filter((step) => step.action.do !== what);
  mutate(without('await-ready'), 'does not wait until instances are ready');
  mutate(without('transfer'), 'does not stage');
  mutate((steps) => {
    const cutover = steps.find(({ action }) => action.do === 'switch' && action.cutover);
    return cutover ? [cutover, ...steps.filter((step) => step !== cutover)] : steps;
  }, 'cuts over first');

  it('restarts what serves users', () => {
    const fleets = fc.sample(settledFleet, { numRuns: 60, seed: 7 }).filter(({ slots }) => slots.length === 1);
    for (const fleet of fleets) {
      const { plan, model } = planFor(fleet);
      const steps = plan.steps.filter(({ action }) => action.do !== 'switch' || action.cutover);
      expect(prove({ ...plan, steps }, model, fleet.wish).join()).toContain('serves users');
    }
  });

  it('goes below the capacity that was asked for', () => {
    const fleets = fc.sample(settledFleet, { numRuns: 60, seed: 7 }).filter(({ slots }) => slots.length === 1);
    for (const fleet of fleets) {
      const wish = { ...fleet.wish, minCapacity: 0.9 };
      expect(makePlan(fleet.seen, wish, digest).violations.join()).toContain('capacity');
    }
  });

  it('changes releases on a balancer that shows both', () => {
    for (const fleet of fc.sample(settledFleet, { numRuns: 20, seed: 7 })) {
      const wish = { ...fleet.wish, balancer: { singleVersion: false, switchMs: 50 } };
      expect(makePlan(fleet.seen, wish, digest).violations.join()).toContain('without showing both');
    }
  });
});

/** What would be observed of a model. */
function observationOf(model: Model, fleet: Fleet, alsoStaged: string[] = []) {
  const balancers = fleet.seen.balancers.map((balancer) => ({
    ...balancer,
    ...(model.live && { live: model.live }),
    serving: fleet.wish.pools
      .flatMap((pool) => (model.units.some((unit) => unit.serving && inPool(unit, pool)) ? pool.instances : []))
      .filter(({ server, port }) =>
        model.units.some((unit) => unit.serving && unit.server === server && slotOf(fleet, port) === unit.slot),
      )
      .map(({ server, port }) => `${server}:${port}`),
  }));
  const servers = fleet.seen.servers.map((server) => ({
    ...server,
    releases: [
      ...server.releases,
      ...alsoStaged,
      ...(model.staged.includes(server.server) ? [fleet.wish.release] : []),
    ],
    instances: server.instances.map((instance, index, all) => {
      const unit = model.units.find((each) => each.server === instance.server && each.slot === instance.slot);
      const earlier = all.slice(0, index).filter((each) => each.slot === instance.slot).length;
      const ready = unit !== undefined && earlier < unit.ready;
      const { release: _, ...rest } = instance;
      return { ...rest, ready, ...(ready && { release: unit?.releases[0] ?? 'unknown' }) };
    }),
  }));
  return { servers, balancers };
}

const slotOf = (fleet: Fleet, port: number) => fleet.slots.find((slot) => slot.ports.includes(port))?.name;
