import type { ReleaseId } from '../fleet/nouns.ts';
import type { Action, Phase, Plan, Step } from '../plan/plan.ts';
import type { Failure } from '../result.ts';
import { describe, serversOf } from './describe.ts';
import type { Sent } from './duration.ts';
import type { Conclusion, Event, WitnessSummary } from './events.ts';

/** `skipped`: never begun. `stopped`: under way when the run ended. */
export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'stopped';
export type StepPhase = Phase | 'return';

interface ServerFailure {
  readonly server: string;
  readonly failure: Failure;
}

export interface StepView {
  readonly id: string;
  readonly phase: StepPhase;
  readonly title: string;
  /** Missing for a step that no plan announced. */
  readonly action?: Action;
  readonly state: StepState;
  /** Milliseconds since the start of the run. */
  readonly startedAt?: number;
  readonly ms?: number;
  readonly estimateMs?: number;
  readonly capacity?: number;
  readonly versions: readonly ReleaseId[];
  readonly servers: readonly string[];
  /** How many of `servers` are through. */
  readonly serversDone: number;
  readonly slowest?: { readonly server: string; readonly ms: number };
  /** The first few; `failedServers` counts all. */
  readonly failures: readonly ServerFailure[];
  readonly failedServers: number;
  readonly failure?: Failure;
  readonly note?: string;
  /** Sum over all servers, while files are on their way. */
  readonly transfer?: Sent;
}

/** A run as a reader sees it. Every renderer works from this and nothing else. Times are milliseconds. */
export interface Timeline {
  readonly command: string;
  readonly release: ReleaseId;
  /** ISO 8601; when `at` was 0. */
  readonly wallClock?: string;
  /** When the last event happened. */
  readonly at: number;
  readonly phase?: StepPhase;
  readonly plan?: Plan;
  readonly steps: readonly StepView[];
  readonly flip?: { readonly openedAt: number; readonly ms?: number };
  readonly cutover?: { readonly at: number; readonly ms: number; readonly batchMs: number };
  readonly witness?: WitnessSummary;
  readonly warnings: readonly Failure[];
  readonly conclusion?: Conclusion;
}

const SHOWN_FAILURES = 10;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type StepRecord = Mutable<Omit<StepView, 'failures'>> & {
  readonly failures: ServerFailure[];
  readonly transfers: Map<string, Sent>;
};

const planned = (step: Step, phase: StepPhase): StepRecord => ({
  id: step.id,
  phase,
  title: describe(step.action),
  action: step.action,
  state: 'waiting',
  estimateMs: step.estimateMs,
  capacity: step.capacity,
  versions: step.versions,
  servers: serversOf(step.action),
  serversDone: 0,
  failures: [],
  failedServers: 0,
  transfers: new Map(),
});

const unplanned = (id: string, phase: StepPhase): StepRecord => ({
  id,
  phase,
  title: id,
  state: 'waiting',
  versions: [],
  servers: [],
  serversDone: 0,
  failures: [],
  failedServers: 0,
  transfers: new Map(),
});

function stateAtEnd(state: StepState, conclusion: Conclusion | undefined): StepState {
  if (conclusion === undefined || conclusion.result === 'planned') return state;
  if (state === 'waiting') return 'skipped';
  return state === 'running' ? 'stopped' : state;
}

function viewOf(step: StepRecord, conclusion: Conclusion | undefined): StepView {
  const { transfers, ...rest } = step;
  const all = [...transfers.values()];
  const sum = (key: keyof Sent) => all.reduce((total, one) => total + one[key], 0);
  return {
    ...rest,
    failures: [...step.failures],
    state: stateAtEnd(step.state, conclusion),
    ...(all.length > 0 && { transfer: { bytes: sum('bytes'), totalBytes: sum('totalBytes'), files: sum('files') } }),
  };
}

function takeServer(step: StepRecord, event: Extract<Event, { type: 'server-step' }>): void {
  step.serversDone += 1;
  if (step.slowest === undefined || event.ms > step.slowest.ms) step.slowest = { server: event.server, ms: event.ms };
  if (event.failure === undefined) return;
  step.failedServers += 1;
  if (step.failures.length < SHOWN_FAILURES) step.failures.push({ server: event.server, failure: event.failure });
}

function takeEnd(step: StepRecord, event: Extract<Event, { type: 'step-finished' }>): void {
  step.state = event.failure === undefined ? 'done' : 'failed';
  step.ms = event.ms;
  if (event.failure !== undefined) step.failure = event.failure;
  if (event.note !== undefined) step.note = event.note;
}

/** What is known of a run so far; grows in place. */
interface Run {
  readonly head: Mutable<Omit<Timeline, 'steps' | 'warnings'>>;
  readonly warnings: Failure[];
  readonly steps: Map<string, StepRecord>;
}

/** The way back has steps of its own, which may be numbered like those of the plan. */
const keyOf = ({ head }: Run, id: string): string => (head.phase === 'return' ? `return ${id}` : id);

function stepOf(run: Run, id: string): StepRecord {
  const key = keyOf(run, id);
  const step = run.steps.get(key) ?? unplanned(id, run.head.phase ?? 'stage');
  run.steps.set(key, step);
  return step;
}

function takePlan(run: Run, plan: Plan): void {
  run.head.plan ??= plan;
  // Where a rollback goes is known only now.
  run.head.release = run.head.plan.release;
  const returning = run.head.phase === 'return';
  for (const step of plan.steps) run.steps.set(keyOf(run, step.id), planned(step, returning ? 'return' : step.phase));
}

function takeStart(step: StepRecord, event: Extract<Event, { type: 'step-started' }>): void {
  step.title = event.title;
  step.state = 'running';
  step.startedAt = event.at;
}

function takeProgress(run: Run, { server, bytes, totalBytes, files }: { readonly server: string } & Sent): void {
  for (const step of run.steps.values())
    if (step.state === 'running' && step.action?.do === 'transfer')
      step.transfers.set(server, { bytes, totalBytes, files });
}

function takeConclusion({ head }: Run, conclusion: Conclusion): void {
  head.conclusion = conclusion;
  // `status` finds out only at the end which release it is about.
  head.release = conclusion.release;
  if (conclusion.witness !== undefined) head.witness = conclusion.witness;
}

function take(run: Run, event: Event): void {
  const { head } = run;
  head.at = event.at;
  switch (event.type) {
    case 'started':
      head.command = event.command;
      head.release = event.release;
      head.wallClock = event.wallClock;
      break;
    case 'plan-ready':
      takePlan(run, event.plan);
      break;
    case 'phase-started':
      head.phase = event.phase;
      break;
    case 'step-started':
      takeStart(stepOf(run, event.step), event);
      break;
    case 'server-step':
      takeServer(stepOf(run, event.step), event);
      break;
    case 'transfer-progress':
      takeProgress(run, event);
      break;
    case 'step-finished':
      takeEnd(stepOf(run, event.step), event);
      break;
    case 'flip-opened':
      head.flip = { openedAt: event.at };
      break;
    case 'cutover':
      head.cutover = { at: event.at, ms: event.ms, batchMs: event.batchMs };
      break;
    case 'flip-closed':
      head.flip = { openedAt: head.flip?.openedAt ?? event.at - event.ms, ms: event.ms };
      break;
    case 'witness':
      head.witness = event.summary;
      break;
    case 'warning':
      run.warnings.push(event.failure);
      break;
    case 'finished':
      takeConclusion(run, event.conclusion);
      break;
  }
}

export interface TimelineKeeper {
  take(event: Event): void;
  view(): Timeline;
}

/**
 * Folds the events of a run. The cost of an event does not depend on the size of the fleet; a view costs one pass.
 * Same events, same view.
 */
export function keepTimeline(): TimelineKeeper {
  const run: Run = { head: { command: '', release: '', at: 0 }, warnings: [], steps: new Map() };
  return {
    take: (event) => take(run, event),
    view: () => ({
      ...run.head,
      warnings: [...run.warnings],
      steps: [...run.steps.values()].map((step) => viewOf(step, run.head.conclusion)),
    }),
  };
}

export function timelineOf(events: Iterable<Event>): Timeline {
  const keeper = keepTimeline();
  for (const event of events) keeper.take(event);
  return keeper.view();
}
