import type { Conclusion, ResultWord } from './events.ts';
import { code, inline } from './markdown.ts';
import { releaseName } from './names.ts';
import type { Setting } from './setting.ts';
import type { StepPhase, Timeline } from './timeline.ts';

export const signs: Record<ResultWord, string> = {
  flipped: '✅',
  unchanged: '✅',
  staged: '📦',
  planned: '📋',
  held: '⏸️',
  'rolled-back': '↩️',
  cancelled: '🛑',
  failed: '❌',
};

/** Flipped, but later than promised: a reader should see it before reading. */
const overBudget = ({ result, flipMs, budgetMs }: Conclusion): boolean =>
  result === 'flipped' && flipMs !== undefined && flipMs > budgetMs;

/** A look at a fleet that answers nothing, or as several releases. */
const unsound = ({ result, live }: Conclusion): boolean => result === 'unchanged' && live?.length !== 1;

export const signOf = (conclusion: Conclusion): string =>
  overBudget(conclusion) || unsound(conclusion) ? '⚠️' : signs[conclusion.result];

const doing: Record<StepPhase, string> = {
  stage: '🚚 staging',
  flip: '⚡ flipping to',
  finish: '🧹 finishing',
  return: '↩️ returning from',
};

/** The first line of a report: state, environment, release. */
export function headline(timeline: Timeline, setting: Setting): string {
  const { conclusion, phase } = timeline;
  const environment = inline(setting.environment, 60);
  if (conclusion !== undefined) return `${signOf(conclusion)} ${environment}: ${inline(conclusion.headline, 200)}`;
  if (phase === undefined) return `🔎 ${environment}: looking at the fleet`;
  const words = doing[phase];
  const [sign = '', ...rest] = words.split(' ');
  return `${sign} ${environment}: ${rest.join(' ')} ${code(releaseName(timeline.release))}`;
}

const phaseWords: Record<StepPhase, string> = {
  stage: 'Staging',
  flip: 'Flipping',
  finish: 'Finishing',
  return: 'Returning to the old release',
};

/** The same for places that show plain text, such as a deployment: no markup, 140 characters for GitHub. */
export function shortState(timeline: Timeline): string {
  const { conclusion, phase, steps } = timeline;
  if (conclusion !== undefined) return conclusion.headline;
  const running = steps.filter((step) => step.state === 'running').at(-1);
  if (phase === undefined || running === undefined) return 'Looking at the fleet';
  const place = steps.indexOf(running) + 1;
  const servers = running.servers.length > 1 ? ` · ${running.serversDone}/${running.servers.length} servers` : '';
  return `${phaseWords[phase]} · step ${place}/${steps.length}${servers} · ${running.title}`;
}
