import { type Assembled, assemble } from './assemble.ts';
import { deploy, type Order } from './deploy.ts';
import { poolsOf } from './fleet/pools.ts';
import type { Config, Inputs } from './inputs/config.ts';
import { rollbackTarget } from './plan/rollback-target.ts';
import type { Conclusion, Happening, Reporter } from './report/events.ts';
import { fleetLines } from './report/fleet-lines.ts';
import { fail, ok, type Result } from './result.ts';
import { startClock } from './rollout/clock.ts';
import { refused } from './rollout/conclude.ts';
import { observe } from './rollout/observe.ts';
import { onlyLooked } from './rollout/only-looked.ts';
import type { World } from './rollout/world.ts';

/** A command of the action or of the command line, with everything read and parsed. */
export interface Session {
  readonly inputs: Inputs;
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly reporters: readonly Reporter[];
  /** Aborted when the run is cancelled or its time is up. */
  readonly signal: AbortSignal;
  /** Takes lines for a person: the answer of `status`. */
  readonly print: (line: string) => void;
}

/** Carries out one command: opens the fleet, does what was asked, closes it, and lets the reports arrive. */
export async function perform(session: Session): Promise<Conclusion> {
  const { inputs, config, reporters } = session;
  const clock = startClock();
  const emit = (happening: Happening) => {
    const event = { ...happening, at: clock.now() };
    for (const reporter of reporters) reporter.report(event);
  };
  const wallClock = new Date().toISOString();
  emit({ type: 'started', command: inputs.command, release: inputs.release, wallClock });
  const refuse = (failures: Conclusion['failures']): Conclusion => {
    const conclusion = refused(failures, {
      release: inputs.release,
      budgetMs: session.config.budgetMs,
      totalMs: clock.now(),
    });
    emit({ type: 'finished', conclusion });
    return conclusion;
  };
  const opened = await assemble({ config, inputs, environment: session.environment, clock, emit });
  if (!opened.ok) return refuse(opened.failures);
  try {
    const done = await carryOut(session, opened);
    return done.ok ? done.value : refuse([done.failure]);
  } finally {
    await opened.close();
  }
}

/** What a script should go on after. A fleet that came back to the old release by itself is safe, but not deployed. */
export const isGood = ({ result }: Conclusion): boolean =>
  ['flipped', 'unchanged', 'staged', 'planned'].includes(result);

type Opened = Extract<Assembled, { ok: true }>;

async function carryOut(session: Session, { world, size }: Opened): Promise<Result<Conclusion>> {
  const { inputs, signal } = session;
  switch (inputs.command) {
    case 'deploy':
    case 'plan':
      return ok(await deploy({ ...orderOf(session, inputs.release), ...comparable(inputs, size) }, world, signal));
    case 'rollback':
      return rollback(session, world);
    case 'status':
      return status(session, world);
  }
}

function orderOf({ inputs, config }: Session, release: string): Order {
  const { strategy, cdn } = config;
  const copies = inputs.command !== 'rollback';
  return {
    wish: {
      release,
      strategy: strategy.type,
      pools: poolsOf(config.slots),
      ...(strategy.minCapacity !== undefined && { minCapacity: strategy.minCapacity }),
      keepOld: strategy.keepOld,
      transfer: copies,
      assets: copies && cdn?.upload !== undefined,
      purge: cdn?.purge !== undefined,
    },
    budgetMs: config.budgetMs,
    dryRun: inputs.dryRun || inputs.command === 'plan',
    ...(inputs.expectPlan !== undefined && { expectPlan: inputs.expectPlan }),
  };
}

/** The size that is compared with the live release's, unless the user means it to be much smaller. */
const comparable = ({ allowShrunken }: Inputs, size: Opened['size']): Pick<Order, 'size'> =>
  size === undefined || allowShrunken ? {} : { size };

/** A rollback is a deploy of a release that the servers already have. */
async function rollback(session: Session, world: World): Promise<Result<Conclusion>> {
  const pools = poolsOf(session.config.slots);
  const seen = await observe(world, pools);
  if (!seen.ok) return seen;
  const target = rollbackTarget(seen.value, pools, session.inputs.to);
  if (!target.found) return fail({ what: `there is no release to roll back to: ${target.why}` });
  return ok(await deploy(orderOf(session, target.release), world, session.signal));
}

async function status(session: Session, world: World): Promise<Result<Conclusion>> {
  const pools = poolsOf(session.config.slots);
  const seen = await observe(world, pools);
  if (!seen.ok) return seen;
  for (const line of fleetLines(seen.value, session.config.slots)) session.print(line);
  const conclusion = onlyLooked(seen.value, pools, { budgetMs: session.config.budgetMs, totalMs: world.clock.now() });
  world.emit({ type: 'finished', conclusion });
  return ok(conclusion);
}
