import type { Traits } from '../balancers/port.ts';
import type { Pool } from '../fleet/nouns.ts';
import type { Wish } from '../plan/plan.ts';

/** What the planner may promise with a balancer like this: one lookup per request, or requests that can be made to wait. */
export const abilityOf = (traits: Traits, pools: readonly Pool[]): Wish['balancer'] => ({
  singleVersion: traits.flips === 'pointer' || traits.hold,
  switchMs: traits.floorMs(Math.max(...pools.map((pool) => pool.instances.length))),
});
