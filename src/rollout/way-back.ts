import { isAmong } from '../fleet/nouns.ts';
import type { Observation } from '../fleet/observation.ts';
import { makePlan } from '../plan/make.ts';
import type { Plan, Wish } from '../plan/plan.ts';
import { serverNames } from '../report/names.ts';
import { type Failure, fail, ok, type Result } from '../result.ts';
import { observe } from './observe.ts';
import { type Ran, run } from './run.ts';
import type { World } from './world.ts';

/** A step of the way back is not cancelled by what cancelled the deploy. */
const uncancelled = new AbortController().signal;

/** Pauses before further attempts, long enough together for a connection that went silent to be known as lost. */
const pausesMs = [1_000, 5_000];

/** Out of the 7.5 s that the runner gives a cancelled step. */
const cancelledPatienceMs = 2_000;

/**
 * Puts the fleet back on the release that was live. No bookkeeping of what was done is needed: the way back is a plan like
 * any other, from what is observed now to the old release. So it can also begin anew where it failed itself.
 */
export async function wayBack(failed: Plan, wish: Wish, world: World, digest: Digest): Promise<Result<Ran>> {
  const { previous } = failed;
  if (previous === undefined) return fail({ what: 'there is no earlier release to return to' });
  world.emit({ type: 'phase-started', phase: 'return' });
  const back: Wish = { ...wish, release: previous, transfer: false, assets: false, purge: false };
  const attempt = (number: number) => goBack(back, number === 1 ? 'back' : `back-${number}`, world, digest);
  let result = await attempt(1);
  for (const [index, ms] of pausesMs.entries()) {
    if (result.ok) return result;
    await world.clock.sleep(ms);
    result = await attempt(index + 2);
  }
  return result.ok ? result : fail(stuck(previous, result.failure));
}

/**
 * What keeps the way back from being there if it should be needed. It is no reason to refuse: a fleet that something else
 * deployed before has to begin somewhere. With two slots the old one goes on running, and nothing is needed of it.
 */
export function noWayBack({ strategy, previous, pools }: Plan, seen: Observation): Failure | undefined {
  if (strategy !== 'swap' || previous === undefined) return undefined;
  const needed = new Set(pools.flatMap((pool) => pool.servers));
  const lacking = seen.servers.filter(({ server, releases }) => needed.has(server) && !releases.includes(previous));
  if (lacking.length === 0) return undefined;
  return {
    what: `release ${previous} is not complete on ${serverNames(lacking.map(({ server }) => server))}: if the flip fails, there is no way back to it`,
    advice: 'that is so on the first deploy to a fleet; from the second one on it should not be',
  };
}

export type Digest = (text: string) => string;

async function goBack(back: Wish, prefix: string, world: World, digest: Digest): Promise<Result<Ran>> {
  const seen = await observe(world, back.pools);
  if (!seen.ok) return seen;
  const planned = makePlan(seen.value, back, digest);
  const [broken] = planned.violations;
  if (broken !== undefined) return fail({ what: broken });
  // What was live before the release that failed is what a rollback must go on leading to.
  const steps = planned.plan.steps.filter(({ action }) => action.do !== 'prune');
  const ran = await run({ ...planned, plan: { ...planned.plan, steps } }, back, quietly(world, prefix), uncancelled);
  return ran.failed ? fail(ran.failed.failure) : ok(ran);
}

const stuck = (previous: string, failure: Failure): Failure => ({
  ...failure,
  what: `the way back to ${previous} failed: ${failure.what}`,
  advice: failure.advice ?? 'mend that, then run either release again: a run starts from what is true',
});

/** Steps of the way back are told under ids of their own, and its pool changes are not the flip that is measured. */
const quietly = (world: World, prefix: string): World => ({
  ...world,
  emit: (happening) => {
    if (happening.type === 'flip-opened' || happening.type === 'flip-closed' || happening.type === 'cutover') return;
    if (happening.type === 'phase-started') return;
    world.emit('step' in happening ? { ...happening, step: `${prefix}-${happening.step}` } : happening);
  },
});

/**
 * After a failure off the clock users have seen nothing; what was started for them in the idle slot is stopped again, so
 * that a broken release does not go on restarting beside the live one. A slot that was not begun with keeps what it runs:
 * it may be kept for a rollback. A cancelled run has seconds: it asks for the stop, but a process that takes its time to end
 * is not waited for, since nobody is on it.
 */
export async function tidyStage({ begun, failed }: Ran, world: World): Promise<readonly Failure[]> {
  const restarts = begun.flatMap(({ action }) => (action.do === 'restart' ? [action] : []));
  const stops = restarts.flatMap((action) =>
    world.hosts.filter((host) => isAmong(host.name, action.servers)).map((host) => host.stop(action.slot)),
  );
  const stopped = Promise.all(stops).then((results) =>
    results.flatMap((result) => (result.ok ? [] : [result.failure])),
  );
  if (!failed?.cancelled) return stopped;
  return Promise.race([stopped, world.clock.sleep(cancelledPatienceMs).then(() => [])]);
}
