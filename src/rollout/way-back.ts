import { makePlan } from '../plan/make.ts';
import type { Plan, Wish } from '../plan/plan.ts';
import { type Failure, fail, ok, type Result } from '../result.ts';
import { observe } from './observe.ts';
import { type Ran, run } from './run.ts';
import type { World } from './world.ts';

/** A step of the way back is not cancelled by what cancelled the deploy. */
const uncancelled = new AbortController().signal;

/**
 * Puts the fleet back on the release that was live. No bookkeeping of what was done is needed: the way back is a plan like
 * any other, from what is observed now to the old release.
 */
export async function wayBack(failed: Plan, wish: Wish, world: World, digest: Digest): Promise<Result<Ran>> {
  const { previous } = failed;
  if (previous === undefined) return fail({ what: 'there is no earlier release to return to' });
  world.emit({ type: 'phase-started', phase: 'return' });
  const seen = await observe(world, wish.pools);
  if (!seen.ok) return seen;
  const back: Wish = { ...wish, release: previous, transfer: false, assets: false, purge: false };
  const planned = makePlan(seen.value, back, digest);
  const [broken] = planned.violations;
  if (broken !== undefined) return fail({ what: `the way back to ${previous} is closed: ${broken}` });
  const ran = await run(planned, back, quietly(world), uncancelled);
  return ran.failed ? fail(ran.failed.failure) : ok(ran);
}

export type Digest = (text: string) => string;

/** Steps of the way back are told under ids of their own, and its pool changes are not the flip that is measured. */
const quietly = (world: World): World => ({
  ...world,
  emit: (happening) => {
    if (happening.type === 'flip-opened' || happening.type === 'flip-closed' || happening.type === 'cutover') return;
    if (happening.type === 'phase-started') return;
    world.emit('step' in happening ? { ...happening, step: `back-${happening.step}` } : happening);
  },
});

/**
 * After a failure off the clock users have seen nothing; what was started for them in the idle slot is stopped again, so
 * that a broken release does not go on restarting beside the live one.
 */
export async function tidyStage(plan: Plan, world: World): Promise<readonly Failure[]> {
  if (plan.strategy !== 'blue-green') return [];
  const restarts = plan.steps.flatMap(({ action }) => (action.do === 'restart' ? [action] : []));
  const stops = restarts.flatMap((action) =>
    world.hosts.filter((host) => action.servers.includes(host.name)).map((host) => host.stop(action.slot)),
  );
  return (await Promise.all(stops)).flatMap((result) => (result.ok ? [] : [result.failure]));
}
