import type { Plan } from '../plan/plan.ts';
import { count, counted, duration, percent, sentSoFar } from './duration.ts';
import { code, figure, folded, inline, table } from './markdown.ts';
import { releaseName } from './names.ts';
import { stepName } from './questions.ts';
import type { StepPhase, StepState, StepView, Timeline } from './timeline.ts';

const signs: Record<StepState, string> = {
  waiting: '◻️',
  running: '⏳',
  done: '✅',
  failed: '❌',
  skipped: '➖',
  stopped: '🛑',
};

const phaseTitles: Record<StepPhase, string> = {
  stage: 'Stage · users see nothing',
  flip: 'Flip · on the clock',
  finish: 'Finish',
  return: 'Return to the old release',
};

const phaseOrder: readonly StepPhase[] = ['stage', 'flip', 'return', 'finish'];

const ROWS = 60;

/** How far a step is that has begun: `3 of 4 servers, 12.1 of 24 MB`. */
function progress(step: StepView): string {
  const servers = step.servers.length > 1 ? `${count(step.serversDone)} of ${count(step.servers.length)} servers` : '';
  const bytes = step.transfer ? sentSoFar(step.transfer) : '';
  return [servers, bytes].filter((part) => part !== '').join(', ');
}

const small = (text: string): string => (text === '' ? '' : `<sub>${text}</sub>`);

/** What matters, and in small type below it what matters less; either may be missing. */
const stacked = (large: string, less: string): string =>
  [large, small(less)].filter((part) => part !== '').join('<br>');

function stepCell(step: StepView): string {
  const title = `${signs[step.state]} ${inline(stepName(step))}`;
  if (step.state === 'running' || step.state === 'stopped') return stacked(`**${title}**`, progress(step));
  if (step.failedServers > 0)
    return stacked(title, `${count(step.failedServers)} of ${counted(step.servers.length, 'server')} failed`);
  return stacked(title, inline(step.note ?? '', 120));
}

function tookCell(step: StepView, at: number): string {
  const running = step.state === 'running' && step.startedAt !== undefined ? `${duration(at - step.startedAt)} …` : '';
  const took = step.ms === undefined ? running : duration(step.ms);
  return stacked(figure(took), step.estimateMs === undefined ? '' : figure(duration(step.estimateMs)));
}

function liveCell({ versions, capacity }: StepView): string {
  const live = versions.map((release) => code(releaseName(release))).join(' + ');
  return stacked(live, capacity === undefined ? '' : figure(percent(capacity)));
}

/** What a step was going to be says nothing any more once it is clear that it will not be. */
const rowOf = (step: StepView, at: number): string[] =>
  step.state === 'skipped' ? [stepCell(step), '', ''] : [stepCell(step), tookCell(step, at), liveCell(step)];

const begun = (step: StepView): boolean => step.state !== 'waiting' && step.state !== 'skipped';

/** With very many steps: the ones that say something now (under way, failed), then those done last, then those to come. */
function shownOf(steps: readonly StepView[]): readonly StepView[] {
  if (steps.length <= ROWS) return steps;
  const telling = steps.filter(
    (step) => step.state === 'running' || step.state === 'failed' || step.state === 'stopped',
  );
  const last = steps.filter((step) => begun(step) && !telling.includes(step)).slice(-ROWS / 2);
  const next = steps.filter((step) => !begun(step));
  const chosen = new Set([...telling, ...last, ...next].slice(0, ROWS));
  return steps.filter((step) => chosen.has(step));
}

/** How far the plan got; the way back is not a part of it. */
function doneWords({ steps, conclusion }: Timeline): string {
  const planned = steps.filter(({ phase }) => phase !== 'return');
  if (conclusion?.result === 'planned') return `${count(planned.length)} planned`;
  const done = planned.filter(({ state }) => state === 'done').length;
  const back = planned.length < steps.length ? ', then the way back' : '';
  return `${count(done)} of ${count(planned.length)} done${back}`;
}

/** The table, out of the way once everything went well. */
export function stepsFold(timeline: Timeline): string | undefined {
  const steps = stepsTable(timeline);
  if (steps === undefined) return undefined;
  const well = timeline.conclusion?.failures.length === 0 && timeline.conclusion.result !== 'planned';
  return folded(`<b>Steps</b>, ${doneWords(timeline)}`, steps, !well);
}

/**
 * Three columns, because that is what a phone has room for. Every step with its time above the estimate, and the releases
 * that may answer during it above the lowest capacity.
 */
function stepsTable(timeline: Timeline): string | undefined {
  if (timeline.steps.length === 0) return undefined;
  const shown = shownOf(timeline.steps);
  const phases = phaseOrder.filter((phase) => shown.some((step) => step.phase === phase));
  const rows = phases.flatMap((phase) => [
    [`**${phaseTitles[phase]}**`, '', ''],
    ...shown.filter((step) => step.phase === phase).map((step) => rowOf(step, timeline.at)),
  ]);
  const hidden = timeline.steps.length - shown.length;
  const more = hidden > 0 ? [[`… and ${count(hidden)} more steps`, '', '']] : [];
  return table(['Step', stacked('Took', 'estimate'), stacked('Live', 'capacity')], [...rows, ...more]);
}

/** The members that a plan moves users between: `blue 256 · green 256`. */
export const poolsLine = (plan: Plan): string =>
  plan.pools.map((pool) => `${code(pool.name)} ${count(pool.instances.length)}`).join(' · ');
