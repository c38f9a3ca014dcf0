import { createHash } from 'node:crypto';
import type { Pool } from './fleet/nouns.ts';
import type { Observation, ReleaseSize } from './fleet/observation.ts';
import { makePlan, type Planned } from './plan/make.ts';
import type { Plan, Wish } from './plan/plan.ts';
import type { Conclusion } from './report/events.ts';
import type { Failure } from './result.ts';
import { abilityOf } from './rollout/ability.ts';
import { conclude, type Ending } from './rollout/conclude.ts';
import { observe } from './rollout/observe.ts';
import { isTouched, run } from './rollout/run.ts';
import { watched } from './rollout/watched.ts';
import { noWayBack, tidyStage, wayBack } from './rollout/way-back.ts';
import type { World } from './rollout/world.ts';
import { suspiciouslyShrunken } from './servers/releases/shrunken.ts';

/** One deploy: what is wanted, and how it is to be done. */
export interface Order {
  readonly wish: Omit<Wish, 'balancer'>;
  readonly budgetMs: number;
  /** How large the release to be copied is; missing where nothing is copied. */
  readonly size?: ReleaseSize;
  /** Plan only. */
  readonly dryRun: boolean;
  /** Hash of the plan that was approved; another plan is refused. */
  readonly expectPlan?: string;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Observe, plan, stage, flip, finish. Whatever happens, the conclusion says what is live at the end. */
export async function deploy(order: Order, world: World, signal: AbortSignal): Promise<Conclusion> {
  const conclusion = await conclude(await carryOut(order, world, signal), { ...order, world });
  world.emit({ type: 'finished', conclusion });
  return conclusion;
}

async function carryOut(order: Order, world: World, signal: AbortSignal): Promise<Ending> {
  const missing = await check(world, order.wish.pools);
  if (missing.length > 0) return { result: 'failed', failures: missing };
  // Only after the check does a balancer know whether its configuration can hold requests.
  const wish: Wish = { ...order.wish, balancer: abilityOf(world.balancer.traits, order.wish.pools) };
  const seen = await observe(world, wish.pools);
  if (!seen.ok) return { result: 'failed', failures: [seen.failure] };

  const planned = makePlan(seen.value, wish, digest);
  const { plan, violations } = planned;
  world.emit({ type: 'plan-ready', plan });
  const shrunken = shrunkenFrom(order, plan, seen.value);
  if (shrunken) return { result: 'failed', plan, failures: [shrunken] };
  if (violations.length > 0) return { result: 'failed', plan, failures: violations.map(refusal) };
  if (order.expectPlan !== undefined && order.expectPlan !== plan.hash) {
    return { result: 'failed', plan, failures: [changed(order.expectPlan, plan.hash)] };
  }
  if (plan.steps.length === 0) return { result: order.dryRun ? 'planned' : 'unchanged', plan };
  if (order.dryRun) return { result: 'planned', plan };
  const stranded = noWayBack(plan, seen.value);
  if (stranded) world.emit({ type: 'warning', failure: stranded });
  const work = () => execute(planned, wish, world, signal);
  // Before a first deploy nobody is answered, so there is nothing for a witness to see harmed.
  return plan.previous === undefined ? work() : watched(world, wish.release, work);
}

async function execute(planned: Planned, wish: Wish, world: World, signal: AbortSignal): Promise<Ending> {
  const { plan } = planned;
  const ran = await run(planned, wish, world, signal);
  const { warnings, flipMs, cutoverMs } = ran;
  const measured = { plan, ...(flipMs !== undefined && { flipMs }), ...(cutoverMs !== undefined && { cutoverMs }) };
  if (ran.failed === undefined) return { result: 'flipped', warnings, ...measured };

  const { failure, cancelled } = ran.failed;
  if (!isTouched(ran)) {
    const untidy = await tidyStage(ran, world);
    return { result: cancelled ? 'cancelled' : 'failed', plan, failures: [failure], warnings: untidy };
  }
  const back = await wayBack(plan, wish, world, digest);
  if (!back.ok) return { result: 'failed', plan, failures: [failure, back.failure], warnings };
  const result = cancelled ? 'cancelled' : 'rolled-back';
  return { result, plan, failures: [failure], warnings: [...warnings, ...back.value.warnings] };
}

/** Everything that would stop a deploy half way and can be seen before, of all parts of the fleet at once. */
async function check({ balancer, hosts }: World, pools: readonly Pool[]): Promise<readonly Failure[]> {
  const lacks = await Promise.all([balancer.check(pools), ...hosts.map((host) => host.check())]);
  return lacks.flat();
}

/** A build that lost most of its files is caught while it is still only a build. */
function shrunkenFrom({ size }: Order, { previous, steps }: Plan, { servers }: Observation): Failure | undefined {
  if (size === undefined || previous === undefined || steps.length === 0) return undefined;
  const live = servers.map(({ sizes }) => sizes[previous]).find((known) => known !== undefined);
  return live && suspiciouslyShrunken(size, live);
}

const refusal = (violation: string) => ({ what: `this plan is refused: ${violation}`, advice: 'nothing was changed' });

const changed = (expected: string, now: string) => ({
  what: `the fleet or the release changed since the plan was approved (approved ${expected.slice(0, 12)}, now ${now.slice(0, 12)})`,
  advice: 'look at the new plan and approve it again; nothing was changed',
});
