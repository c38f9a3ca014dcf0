import type { Failure } from '../result.ts';
import { attribution } from './attribution.ts';
import { budgetBar } from './bar.ts';
import { counted, duration, percent, sentSoFar } from './duration.ts';
import type { Conclusion, Event, Reporter, WitnessSummary } from './events.ts';
import { signOf } from './headline.ts';
import { plain } from './markdown.ts';
import { releaseName } from './names.ts';
import { planText } from './plan-table.ts';
import { warningsOf } from './questions.ts';
import { redacted } from './redacted.ts';
import { keepTimeline, type StepPhase, type Timeline } from './timeline.ts';

export interface LogOptions {
  /** Gets one line at a time, without its line end. */
  readonly write: (line: string) => void;
  /** Fold phases with the runner's group commands; without it, phases are headed by a line. */
  readonly grouped: boolean;
  readonly budgetMs: number;
  readonly redact: (text: string) => string;
  /** Takes the runner's commands out of a line: what a remote machine says must not steer the runner. */
  readonly neutralise: (line: string) => string;
}

const phaseTitles: Record<StepPhase, string> = {
  stage: 'Stage: users see nothing of this',
  flip: 'Flip: on the clock',
  finish: 'Finish',
  return: 'Return to the old release',
};

/** A line about transfers at most this often, in milliseconds of the run. */
const PROGRESS_EVERY = 5_000;

const stamp = (at: number): string => `${(at / 1000).toFixed(2).padStart(8)} s  `;

const indented = (text: string): string[] =>
  plain(text)
    .trimEnd()
    .split('\n')
    .map((line) => `             ${line}`);

const failureLines = (sign: string, failure: Failure): string[] => [
  `${sign} ${failure.where === undefined ? '' : `${failure.where}: `}${failure.what}`,
  ...(failure.advice === undefined ? [] : indented(`→ ${failure.advice}`)),
  ...(failure.detail === undefined || failure.detail.trim() === '' ? [] : indented(failure.detail)),
];

const witnessWords = (witness: WitnessSummary): string =>
  `${counted(witness.requests, 'request')}, ${witness.failed} failed, ${witness.mixed} mixed, longest gap ${duration(witness.outageMs)}`;

function conclusionLines(conclusion: Conclusion, timeline: Timeline): string[] {
  const { flipMs, budgetMs, cutoverMs, witness } = conclusion;
  const live = conclusion.live?.map(releaseName).join(' and ') || 'nothing answers';
  const over = flipMs !== undefined && flipMs > budgetMs;
  return [
    `${signOf(conclusion)} ${conclusion.headline}`,
    ...(conclusion.live === undefined ? [] : [`  live now: ${live}`]),
    ...(flipMs === undefined
      ? []
      : [
          `  flip:     ${budgetBar(flipMs, budgetMs)} ${duration(flipMs)} of ${duration(budgetMs)} (${percent(flipMs / budgetMs)})`,
        ]),
    ...(cutoverMs === undefined ? [] : [`  cutover:  ${duration(cutoverMs)}`]),
    ...(witness === undefined ? [] : [`  witness:  ${witnessWords(witness)}`]),
    `  whole:    ${duration(conclusion.totalMs)}`,
    ...(over ? attribution(timeline).map(({ words }) => `  over the budget: ${words}`) : []),
    ...conclusion.failures.flatMap((failure) => failureLines('✗', failure)),
    ...warningsOf(timeline).flatMap((failure) => failureLines('!', failure)),
  ];
}

/** `status` and `rollback` are about releases that have still to be found out. */
const startWords = (command: string, release: string): string =>
  command === 'status' || command === 'rollback' ? command : `${command} ${releaseName(release)}`;

/** What one event has to say in a log. Phases and progress are the caller's, because they need a memory. */
function eventLines(event: Event, timeline: Timeline, budgetMs: number): string[] {
  const stepOf = (step: string) => timeline.steps.findLast(({ id }) => id === step);
  switch (event.type) {
    case 'started':
      return [startWords(event.command, event.release)];
    case 'plan-ready':
      return planText(event.plan, budgetMs).split('\n');
    case 'step-started':
      return [`${stamp(event.at)}▸ ${event.title}`];
    case 'server-step':
      if (event.failure !== undefined)
        return failureLines(`${stamp(event.at)}  ✗`, { where: event.server, ...event.failure });
      return event.note === undefined ? [] : [`${stamp(event.at)}  ${event.server}: ${event.note}`];
    case 'step-finished': {
      const step = stepOf(event.step);
      const title = `${step?.title ?? event.step}, ${duration(event.ms)}`;
      // What servers said stands just above, and once more at the end.
      if (event.failure !== undefined && (step?.failedServers ?? 0) > 0) return [`${stamp(event.at)}✗ ${title}`];
      if (event.failure !== undefined) return failureLines(`${stamp(event.at)}✗ ${title}:`, event.failure);
      return [`${stamp(event.at)}✓ ${title}${event.note === undefined ? '' : `, ${event.note}`}`];
    }
    case 'flip-opened':
      return [`${stamp(event.at)}the clock starts`];
    case 'cutover':
      return [
        `${stamp(event.at)}⚡ cutover in ${duration(event.ms)}: users are answered by ${releaseName(timeline.release)}`,
      ];
    case 'flip-closed':
      return [`${stamp(event.at)}the clock stops at ${duration(event.ms)} of ${duration(budgetMs)}`];
    case 'witness':
      return [`${stamp(event.at)}witness: ${witnessWords(event.summary)}`];
    case 'warning':
      return failureLines(`${stamp(event.at)}!`, event.failure);
    case 'finished':
      return conclusionLines(event.conclusion, timeline);
    case 'phase-started':
    case 'transfer-progress':
      return [];
  }
}

/** Writes the run as lines while it happens: folded by phase for the runner's log, plain for a terminal. */
export function createLog({ write, grouped, budgetMs, redact, neutralise }: LogOptions): Reporter {
  const keeper = keepTimeline();
  let open = false;
  let progressAt = Number.NEGATIVE_INFINITY;
  const closeGroup = () => {
    if (open && grouped) write('::endgroup::');
    open = false;
  };
  const openGroup = (phase: StepPhase) => {
    closeGroup();
    write(grouped ? `::group::${phaseTitles[phase]}` : `── ${phaseTitles[phase]}`);
    open = true;
  };
  const progress = (at: number) => {
    if (at - progressAt < PROGRESS_EVERY) return;
    progressAt = at;
    const transfer = keeper.view().steps.find((step) => step.state === 'running' && step.transfer)?.transfer;
    if (transfer !== undefined) write(`${stamp(at)}  ${sentSoFar(transfer)}`);
  };
  return {
    report(happened) {
      const event = redacted(happened, redact);
      keeper.take(event);
      if (event.type === 'phase-started') openGroup(event.phase);
      if (event.type === 'finished') closeGroup();
      if (event.type === 'transfer-progress') progress(event.at);
      if (event.type === 'server-step' && event.failure === undefined && event.note === undefined) return;
      for (const line of eventLines(event, keeper.view(), budgetMs)) write(neutralise(line));
    },
    settle: async () => closeGroup(),
  };
}
