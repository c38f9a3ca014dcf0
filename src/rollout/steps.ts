import type { Pool } from '../fleet/nouns.ts';
import type { Action, Plan, Step } from '../plan/plan.ts';
import { fail, ok, type Result } from '../result.ts';
import { cancelled, unlessCancelled } from './cancelled.ts';
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
    case 'point':
      return onEach(world, at(scene, action), (host) => host.point(action.slot, plan.release).then(wordless));
    case 'await-ready':
      return onEach(world, at(scene, action), (host) => host.awaitReady(action.slot, plan.release, signal));
    case 'admit':
      return withPool(plan, action.pool, async (pool) =>
        quiet(await world.balancer.admit(pool, world.limits.admitMs, signal)),
      );
    case 'switch':
      return withPool(plan, action.to, (pool) => switchTo(pool, action.cutover, scene));
    case 'drain':
      return withPool(plan, action.pool, (pool) => drain(pool, world, signal));
    case 'stop':
      return stop(action, scene);
    case 'purge':
      return told(world.purge?.(signal));
    case 'prune':
      return onEach(world, at(scene, action), (host) => host.prune(plan.release, before(plan)));
  }
}

/** A run that only finished what another began finds its own release live, which is nothing to roll back to. */
const before = ({ previous, release }: Plan) => (previous === release ? undefined : previous);

const told = async (work: Promise<Result<string>> | undefined): Promise<Result<Done>> => {
  const result = await work;
  if (result === undefined) return ok({});
  return result.ok ? ok({ note: result.value }) : result;
};

const quiet = (result: Result<void>): Result<Done> => (result.ok ? ok({}) : result);

/** A server that has nothing to add. */
const wordless = (result: Result<void>): Result<string | undefined> => (result.ok ? ok(undefined) : result);

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
    const { world, plan, signal } = scene;
    const progress = (bytes: number, totalBytes: number, files: number) => {
      if (!signal.aborted) world.emit({ type: 'transfer-progress', server: host.name, bytes, totalBytes, files });
    };
    // A copy may take minutes, a cancelled run has seconds; what is half copied is no release, and the next run sees to it.
    return unlessCancelled(host.stage(plan.previous, progress), signal, 'while the release was being copied');
  });

async function switchTo(pool: Pool, cutover: boolean, { plan, world }: Scene): Promise<Result<Done>> {
  const receipt = await world.balancer.apply(pool, plan.pools);
  if (!receipt.ok) return receipt;
  const note = `confirmed after ${receipt.value.ms.toFixed(1)} ms`;
  return ok({ note, ...(cutover && { cutover: receipt.value }) });
}

async function stop(action: Extract<Action, { do: 'stop' }>, scene: Scene): Promise<Result<Done>> {
  await scene.world.clock.sleep(action.afterMs, scene.signal);
  // Whoever cancels now may be about to roll back; and what is drained is not known any more.
  if (scene.signal.aborted) return cancelled(scene.signal, `so ${action.slot} was left running`);
  return onEach(scene.world, at(scene, action), (host) => host.stop(action.slot).then(wordless));
}
