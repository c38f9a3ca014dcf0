import { isAmong, type Pool } from '../fleet/nouns.ts';
import { after, capacityOf, inPool, type Model, type Unit, versionsOf } from './model.ts';
import type { Action, Plan, Step, Wish } from './plan.ts';

/** A promise that a step would break, in words. */
export type Violation = string;

/** What a run promises, beside the wish itself. */
export interface Terms {
  readonly wish: Wish;
  /** Capacity (0 to 1) that no step may go below. */
  readonly floor: number;
}

/**
 * The floor is what was asked for, else what the smallest pool keeps of the capacity there is at the start. A fleet that is
 * below it already may still be deployed to (that may be the cure), but never falls further.
 */
export function termsOf(start: Model, wish: Wish): Terms {
  const now = capacityOf(start, wish.pools);
  const floor = wish.minCapacity === undefined ? now * smallestShare(wish.pools) : Math.min(now, wish.minCapacity);
  return { wish, floor };
}

/** What must hold before a step may start, given the fleet as it is then. Checked on every plan, and again as it runs. */
export function violations(model: Model, step: Step, terms: Terms): Violation[] {
  const broken = [...checkAction(model, step.action, terms.wish), ...checkCapacity(model, step.action, terms)];
  return broken.map((words) => `step ${step.id} (${step.action.do}): ${words}`);
}

/** Runs the plan on the model; every promise that it would break. Empty is the proof that it may run. */
export function prove(plan: Plan, start: Model, wish: Wish): Violation[] {
  const terms = termsOf(start, wish);
  let model = start;
  const broken: Violation[] = [];
  for (const step of plan.steps) {
    broken.push(...violations(model, step, terms));
    model = after(model, step.action, wish);
  }
  return broken;
}

function checkAction(model: Model, action: Action, wish: Wish): Violation[] {
  switch (action.do) {
    case 'restart':
      return [...untouchable(model, action.servers, action.slot, wish), ...unstaged(model, action.servers, wish)];
    case 'stop':
      return untouchable(model, action.servers, action.slot, wish);
    case 'switch':
      return checkSwitch(model, action.to, wish);
    case 'drain':
      return unitsOf(model, wish, action.pool).some((unit) => unit.serving)
        ? [`${action.pool} still gets new requests`]
        : [];
    default:
      return [];
  }
}

/** What users are sent to is never restarted or stopped under them; only where nobody is served at all is there nothing to protect. */
const untouchable = (model: Model, servers: readonly string[], slot: string, wish: Wish): Violation[] =>
  model.units
    .filter((unit) => unit.slot === slot && isAmong(unit.server, servers) && unit.serving)
    .filter(() => capacityOf(model, wish.pools) > 0)
    .map((unit) => `${unit.slot} on ${unit.server} serves users`);

/** A slot in use is touched only when every server has the release, verified; an idle one when its own servers have. */
const unstaged = (model: Model, servers: readonly string[], wish: Wish): Violation[] => {
  const needed = wish.strategy === 'swap' ? new Set(wish.pools.flatMap((pool) => pool.servers)) : servers;
  const missing = [...needed].filter((server) => !isAmong(server, model.staged));
  return missing.length === 0 ? [] : [`the release is not staged on ${missing.join(', ')}`];
};

function checkSwitch(model: Model, to: string, wish: Wish): Violation[] {
  const units = unitsOf(model, wish, to);
  if (units.length === 0) return [`there is no pool ${to}`];
  const broken: Violation[] = [];
  const releases = [...new Set(units.flatMap((unit) => unit.releases))];
  if (releases.length > 1) broken.push(`${to} would answer as ${releases.join(' and ')}`);
  const joining = units.filter((unit) => !unit.serving);
  for (const unit of joining) {
    if (unit.ready < unit.total)
      broken.push(`${unit.total - unit.ready} of ${unit.slot} on ${unit.server} are not ready`);
  }
  if (changesVersion(model, releases) && !wish.balancer.singleVersion) {
    broken.push('this balancer cannot change releases without showing both');
  }
  return broken;
}

const changesVersion = (model: Model, to: readonly string[]): boolean => {
  const now = versionsOf(model);
  return now.length === 1 && to.length === 1 && now[0] !== to[0];
};

function checkCapacity(model: Model, action: Action, { wish, floor }: Terms): Violation[] {
  const next = capacityOf(after(model, action, wish), wish.pools);
  if (next >= Math.min(floor, capacityOf(model, wish.pools)) - 1e-9) return [];
  return [`capacity would be ${percent(next)}, less than the ${percent(floor)} that must stay`];
}

const smallestShare = (pools: readonly Pool[]): number => {
  const sizes = pools.map((pool) => pool.instances.length);
  return Math.min(...sizes) / Math.max(...sizes);
};

const unitsOf = (model: Model, wish: Wish, name: string): Unit[] => {
  const pool = wish.pools.find((candidate) => candidate.name === name);
  return pool === undefined ? [] : model.units.filter((unit) => inPool(unit, pool));
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;
