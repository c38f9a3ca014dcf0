import { error as annotateError, warning as annotateWarning, setOutput, summary } from '@actions/core';
import type { Conclusion } from '../report/events.ts';
import { plain } from '../report/markdown.ts';
import { redactedConclusion } from '../report/redacted.ts';
import type { Failure } from '../result.ts';

/** What the outputs say besides the conclusion. */
export interface OutputFacts {
  readonly planHash?: string;
  /** Path of `timeline.json`. */
  readonly timeline?: string;
  readonly url?: string;
}

const whole = (ms: number | undefined): string => (ms === undefined ? '' : String(Math.round(ms)));

/** The outputs of the step; empty where there is nothing to say, never a guess. Times are milliseconds; a cutover is short enough for a tenth to matter. */
export function outputsOf(conclusion: Conclusion, { planHash, timeline, url }: OutputFacts): Record<string, string> {
  const { flipMs, budgetMs, witness } = conclusion;
  return {
    result: conclusion.result,
    release: conclusion.release,
    'previous-release': conclusion.previous ?? '',
    'flip-ms': whole(flipMs),
    'cutover-ms': conclusion.cutoverMs?.toFixed(1) ?? '',
    'total-ms': whole(conclusion.totalMs),
    'budget-ms': whole(budgetMs),
    'within-budget': flipMs === undefined ? '' : String(flipMs <= budgetMs),
    'mixed-ms': whole(witness?.mixedMs),
    'failed-requests': witness === undefined ? '' : String(witness.failed),
    'plan-hash': planHash ?? '',
    timeline: timeline ?? '',
    url: url ?? '',
  };
}

export function writeOutputs(outputs: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}

/** The summary of the step, replaced as a whole. Resolves with why it could not be written. */
export async function writeSummary(markdown: string): Promise<string | undefined> {
  try {
    await summary.emptyBuffer().addRaw(markdown, true).write({ overwrite: true });
    return undefined;
  } catch (error) {
    return `The job summary was not written: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The runner makes ten annotations of a kind per step; more are noise to a reader as well. */
const ANNOTATIONS = 10;

const textOf = ({ where, what, advice, detail }: Failure): string =>
  [`${where === undefined ? '' : `${where}: `}${what}`, advice, detail].filter((line) => line !== undefined).join('\n');

/** Failures and then warnings as annotations on the run, ten in all. */
export function annotate(conclusion: Conclusion, redact: (text: string) => string): void {
  const { failures, warnings } = redactedConclusion(conclusion, redact);
  const text = (failure: Failure) => plain(textOf(failure));
  for (const failure of failures.slice(0, ANNOTATIONS)) annotateError(text(failure), { title: 'Fleetflip' });
  const left = Math.max(0, ANNOTATIONS - failures.length);
  for (const failure of warnings.slice(0, left)) annotateWarning(text(failure), { title: 'Fleetflip' });
}
