import { type Terms, termsOf, violations } from '../plan/invariants.ts';
import type { Planned } from '../plan/make.ts';
import { after, type Model } from '../plan/model.ts';
import type { Step, Wish } from '../plan/plan.ts';
import { describe } from '../report/describe.ts';
import { type Failure, fail, type Result } from '../result.ts';
import { whyCancelled } from './cancelled.ts';
import type { Done } from './fan-out.ts';
import { perform } from './steps.ts';
import type { World } from './world.ts';

/** How far a plan got. */
export interface Ran {
  /** The step that ended the run; missing when all went well. */
  readonly failed?: { readonly step: Step; readonly failure: Failure; readonly cancelled: boolean };
  /** The steps that were begun, the failed one included. */
  readonly begun: readonly Step[];
  /** Milliseconds from the first pool change to the last one's confirmation; only of a whole flip. */
  readonly flipMs?: number;
  /** Milliseconds of the cutover itself, as the balancer confirmed it. */
  readonly cutoverMs?: number;
  /** Steps that failed without changing the outcome. */
  readonly warnings: readonly Failure[];
}

/** Runs the steps of a proven plan in their order, until one fails or the run is cancelled. */
export async function run(planned: Planned, wish: Wish, world: World, signal: AbortSignal): Promise<Ran> {
  const { steps } = planned.plan;
  const terms = termsOf(planned.model, wish);
  const flip = stopwatch(world, steps);
  let model = planned.model;
  let ran: Ran = { begun: [], warnings: [] };
  for (const [index, step] of steps.entries()) {
    if (steps[index - 1]?.phase !== step.phase) world.emit({ type: 'phase-started', phase: step.phase });
    const stopped = obstacle(step, { model, terms, signal });
    if (stopped !== undefined) return { ...ran, failed: { step, failure: stopped, cancelled: signal.aborted } };
    flip.before(step);
    ran = { ...ran, begun: [...ran.begun, step] };
    const result = await one({ planned, step, world, signal });
    if (result.ok) ran = told(ran, result.value, world);
    else if (step.phase === 'finish') ran = warned(ran, result.failure, world);
    else return { ...ran, failed: { step, failure: result.failure, cancelled: signal.aborted } };
    model = after(model, step.action, wish);
    ran = { ...ran, ...flip.after(step) };
  }
  return ran;
}

/** Users may have noticed: a pool was changed or, in the flip, processes were. */
export const isTouched = ({ begun }: Ran): boolean =>
  begun.some((step) => step.action.do === 'switch' || step.phase === 'flip');

/** Why a step may not begin. After the flip a cancelled run still tidies up. */
function obstacle(step: Step, { model, terms, signal }: Before): Failure | undefined {
  if (signal.aborted && step.phase !== 'finish') {
    return { what: `${whyCancelled(signal)}, before step ${step.id}: ${describe(step.action)}` };
  }
  const [broken] = violations(model, step, terms);
  return broken === undefined ? undefined : { what: `refused, because a promise would break: ${broken}` };
}

/** Runs from the first step of the flip to the end of its last. */
function stopwatch({ clock, emit }: World, steps: readonly Step[]) {
  const flip = steps.filter((step) => step.phase === 'flip');
  let start = 0;
  return {
    before(step: Step) {
      if (step !== flip[0]) return;
      start = clock.now();
      emit({ type: 'flip-opened' });
    },
    after(step: Step): Pick<Ran, 'flipMs'> {
      if (step !== flip.at(-1)) return {};
      const ms = clock.now() - start;
      emit({ type: 'flip-closed', ms });
      return { flipMs: ms };
    },
  };
}

function told(ran: Ran, { cutover, warning }: Done, world: World): Ran {
  if (cutover) world.emit({ type: 'cutover', ...cutover });
  const next = cutover ? { ...ran, cutoverMs: cutover.ms } : ran;
  return warning ? warned(next, warning, world) : next;
}

function warned(ran: Ran, failure: Failure, world: World): Ran {
  world.emit({ type: 'warning', failure });
  return { ...ran, warnings: [...ran.warnings, failure] };
}

interface Before {
  readonly model: Model;
  readonly terms: Terms;
  readonly signal: AbortSignal;
}

interface Moment {
  readonly planned: Planned;
  readonly step: Step;
  readonly world: World;
  readonly signal: AbortSignal;
}

async function one({ planned, step, world, signal }: Moment): Promise<Result<Done>> {
  world.emit({ type: 'step-started', step: step.id, title: describe(step.action) });
  const start = world.clock.now();
  const result = await perform(step.action, { plan: planned.plan, step, world, signal }).catch(bug);
  world.emit({
    type: 'step-finished',
    step: step.id,
    ms: world.clock.now() - start,
    ...(result.ok ? result.value.note !== undefined && { note: result.value.note } : { failure: result.failure }),
  });
  return result;
}

/** Even a mistake of ours must not leave a fleet half way: it fails the step, and what follows a failure follows. */
const bug = (error: unknown): Result<Done> =>
  fail({
    what: 'a mistake in Fleetflip itself',
    detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    advice: 'please report it, with the lines above',
  });
