import type { PoolName, ReleaseId } from '../fleet/nouns.ts';
import type { Observation } from '../fleet/observation.ts';
import { blueGreen } from './blue-green.ts';
import { type Draft, drafts } from './draft.ts';
import { estimate } from './estimate.ts';
import { prove, type Violation } from './invariants.ts';
import { after, capacityOf, inPool, isOn, type Model, modelOf, versionsOf } from './model.ts';
import type { Plan, Step, Wish } from './plan.ts';
import { swap } from './swap.ts';

export interface Planned {
  readonly plan: Plan;
  /** The fleet that the plan starts from. */
  readonly model: Model;
  /** Promises that the plan would break; it may run only when there are none. */
  readonly violations: readonly Violation[];
}

const strategies = { swap, 'blue-green': blueGreen } as const;

/**
 * The plan from what was observed to what is wanted. Pure: the same input gives the same plan and the same hash.
 * `digest` is SHA-256 in hexadecimal, given because this folder imports nothing from outside.
 */
export function makePlan(seen: Observation, wish: Wish, digest: (text: string) => string): Planned {
  const model = modelOf(seen, wish);
  const changes = strategies[wish.strategy](model, wish);
  const drafted = changes.length === 0 ? repointed(model, wish, model.live) : framed(changes, model, wish);
  const steps = numbered(drafted, model, wish);
  const previous = liveRelease(model);
  const content = {
    strategy: wish.strategy,
    release: wish.release,
    ...(previous && { previous }),
    pools: wish.pools,
    steps,
  };
  const plan: Plan = { ...content, hash: digest(JSON.stringify(content)) };
  return { plan, model, violations: prove(plan, model, wish) };
}

/** The release that users are on, where it is one. */
const liveRelease = (model: Model): ReleaseId | undefined => {
  const versions = versionsOf(model);
  return versions.length === 1 ? versions[0] : undefined;
};

/** The strategy's own steps between what every deploy does before and after. */
function framed(changes: readonly Draft[], model: Model, wish: Wish): Draft[] {
  const target = changes.flatMap(({ action }) => (action.do === 'switch' ? [action.to] : [])).at(-1);
  const servers = wish.pools.find((pool) => pool.name === target)?.servers ?? [];
  return [
    ...(wish.assets ? drafts('stage', { do: 'upload-assets' }) : []),
    ...(wish.transfer ? drafts('stage', { do: 'transfer', servers }) : []),
    ...changes,
    ...repointed(model, wish, target),
    ...(wish.purge ? drafts('finish', { do: 'purge' }) : []),
    ...drafts('finish', { do: 'prune', servers }),
  ];
}

/**
 * A restart that failed half way leaves a pointer at a release that its processes do not run, and so the next crash of one
 * would start it. What runs the wanted release is not restarted for that, only pointed at it.
 */
function repointed(model: Model, wish: Wish, target: PoolName | undefined): Draft[] {
  const pool = wish.pools.find(({ name }) => name === target);
  if (pool === undefined) return [];
  const astray = model.units.filter(
    (unit) => inPool(unit, pool) && isOn(unit, wish.release) && (unit.pointer ?? wish.release) !== wish.release,
  );
  if (astray.length === 0) return [];
  return drafts('finish', { do: 'point', servers: astray.map(({ server }) => server), slot: pool.slot });
}

function numbered(all: readonly Draft[], start: Model, wish: Wish): Step[] {
  let model = start;
  return all.map(({ phase, action }, index) => {
    const next = after(model, action, wish);
    const step: Step = {
      id: String(index + 1),
      phase,
      action,
      estimateMs: estimate(action, wish),
      capacity: Math.min(capacityOf(model, wish.pools), capacityOf(next, wish.pools)),
      versions: [...new Set([...versionsOf(model), ...versionsOf(next)])],
    };
    model = next;
    return step;
  });
}
