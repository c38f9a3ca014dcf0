import type { Failure } from '../result.ts';
import { attribution } from './attribution.ts';
import { count, counted } from './duration.ts';
import { code, fenced, inline, sentence } from './markdown.ts';
import { warningsOf } from './questions.ts';
import type { StepView, Timeline } from './timeline.ts';

const FAILURES = 8;

/** One line to act on, the advice, and the other side's own words under it. */
function failureText(failure: Failure): string {
  const where = failure.where === undefined ? '' : `${code(failure.where)}: `;
  const lines = [`**${where}${sentence(failure.what)}**`];
  if (failure.advice !== undefined) lines.push(`👉 ${sentence(failure.advice)}`);
  if (failure.detail !== undefined && failure.detail.trim() !== '') lines.push(fenced(failure.detail));
  return lines.join('\n\n');
}

const listed = (failures: readonly Failure[]): string => {
  const more = failures.length > FAILURES ? [`… and ${count(failures.length - FAILURES)} more.`] : [];
  return [...failures.slice(0, FAILURES).map(failureText), ...more].join('\n\n');
};

const serverLine = (step: StepView): string[] => {
  const shown = step.failures.map(({ server, failure }) => `- ${code(server)}: ${sentence(failure.what, 300)}`);
  const left = step.failedServers - shown.length;
  return left > 0 ? [...shown, `- … and ${counted(left, 'more server')}`] : shown;
};

/** Failures of single servers, per step, as far as the failures of the run do not name them already. */
function serverFailures(timeline: Timeline): string | undefined {
  const told = timeline.conclusion?.failures ?? [];
  const isTold = (where: string, what: string) =>
    told.some((failure) => failure.what === what || failure.detail?.split('\n').includes(`${where}: ${what}`));
  const news = (step: StepView) =>
    step.failures.some(({ server, failure }) => !isTold(failure.where ?? server, failure.what));
  const parts = timeline.steps.filter((step) => step.failedServers > 0 && news(step));
  if (parts.length === 0) return undefined;
  return parts.map((step) => `**${inline(step.title)}**\n\n${serverLine(step).join('\n')}`).join('\n\n');
}

/** Why a flip was over its budget and what to change. */
function overBudget(timeline: Timeline): string | undefined {
  const { conclusion } = timeline;
  if (conclusion?.flipMs === undefined || conclusion.flipMs <= conclusion.budgetMs) return undefined;
  const shares = attribution(timeline);
  if (shares.length === 0) return undefined;
  const remedies = [...new Set(shares.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy])))];
  return [
    '#### Over the budget: what to change',
    [
      ...shares.map(({ words }) => `- ${sentence(words)}.`),
      ...remedies.slice(0, 2).map((remedy) => `- 👉 ${sentence(remedy)}`),
    ].join('\n'),
  ].join('\n\n');
}

/** Everything that a person should act on, most urgent first. */
export function troubles(timeline: Timeline): string | undefined {
  const failures = timeline.conclusion?.failures ?? timeline.steps.flatMap((step) => step.failure ?? []);
  const warnings = warningsOf(timeline);
  const samples = timeline.witness?.samples ?? [];
  const servers = serverFailures(timeline);
  const parts = [
    failures.length > 0 ? `#### What went wrong\n\n${listed(failures)}` : undefined,
    servers === undefined ? undefined : `#### Servers that failed\n\n${servers}`,
    samples.length > 0 ? `#### Bad answers that users may have seen\n\n${fenced(samples.join('\n'))}` : undefined,
    overBudget(timeline),
    warnings.length > 0 ? `#### Warnings\n\n${listed(warnings)}` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('\n\n');
}
