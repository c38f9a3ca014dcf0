import type { Pool } from '../fleet/nouns.ts';
import type { Action, Plan, Step } from '../plan/plan.ts';
import { fail, ok, type Result } from '../result.ts';
import { drain } from './drain.ts';
import { type Done, onEach } from './fan-out.ts';
import type { World } from './world.ts';

/** What a step has to know besides its action. */
interface Scene {
  readonly plan: Plan;
  readonly step: Step;
  readonly world: World;
  readonly signal: AbortSignal;
}

/** Gives a step its body. Resolves to a note for the report. */
export function perform(action: Action, scene: Scene): Promise<Result<Done>> {
  const { plan, world, signal } = scene;
  switch (action.do) {
    case 'upload-assets':
      return told(world.uploadAssets?.(signal));
    case 'transfer':
      return transfer(action.servers, scene);
    case 'restart':
      return onEach(world, at(scene, action), (host) => host.restart(action.slot, plan.release));
    case 'await-ready':
      return onEach(world, at(scene, action), (host) => host.awaitReady(action.slot, plan.release, signal));
    case 'admit':
      return withPool(plan, action.pool, async (pool) => quiet(await world.balancer.admit(pool, world.limits.admitMs)));
    case 'switch':
      return withPool(plan, action.to, (pool) => switchTo(pool, action.cutover, scene));
    case 'drain':
      return withPool(plan, action.pool, (pool) => drain(pool, world));
    case 'stop':
      return stop(action, scene);
    case 'purge':
      return told(world.purge?.(signal));
    case 'prune':
      return onEach(world, at(scene, action), (host) => host.prune(plan.release, plan.previous));
  }
}

const told = async (work: Promise<Result<string>> | undefined): Promise<Result<Done>> => {
  const result = await work;
  if (result === undefined) return ok({});
  return result.ok ? ok({ note: result.value }) : result;
};

const quiet = (result: Result<void>): Result<Done> => (result.ok ? ok({}) : result);

const at = ({ step }: Scene, { servers }: { readonly servers: readonly string[] }) => ({ step: step.id, servers });

const withPool = async (
  plan: Plan,
  name: string,
  work: (pool: Pool) => Promise<Result<Done>>,
): Promise<Result<Done>> => {
  const pool = plan.pools.find((candidate) => candidate.name === name);
  return pool === undefined ? fail({ what: `the plan names a pool ${name} that it does not have` }) : work(pool);
};

const transfer = (servers: readonly string[], scene: Scene): Promise<Result<Done>> =>
  onEach(scene.world, at(scene, { servers }), (host) => {
    const progress = (bytes: number, totalBytes: number, files: number) =>
      scene.world.emit({ type: 'transfer-progress', server: host.name, bytes, totalBytes, files });
    return unlessCancelled(host.stage(scene.plan.previous, progress), scene.signal);
  });

/** A copy may take minutes, a cancelled run has seconds; what is half copied is no release, and the next run sees to it. */
const unlessCancelled = <T>(work: Promise<Result<T>>, signal: AbortSignal): Promise<Result<T>> =>
  new Promise((resolve, reject) => {
    const cancelled = () => resolve(fail({ what: 'cancelled while the release was being copied' }));
    if (signal.aborted) return cancelled();
    signal.addEventListener('abort', cancelled, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancelled));
  });

async function switchTo(pool: Pool, cutover: boolean, { plan, world }: Scene): Promise<Result<Done>> {
  const receipt = await world.balancer.apply(pool, plan.pools);
  if (!receipt.ok) return receipt;
  const note = `confirmed after ${receipt.value.ms.toFixed(1)} ms`;
  return ok({ note, ...(cutover && { cutover: receipt.value }) });
}

async function stop(action: Extract<Action, { do: 'stop' }>, scene: Scene): Promise<Result<Done>> {
  await scene.world.clock.sleep(action.afterMs, scene.signal);
  return onEach(scene.world, at(scene, action), async (host) => {
    const stopped = await host.stop(action.slot);
    return stopped.ok ? ok(undefined) : stopped;
  });
}
