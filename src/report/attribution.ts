import type { Action } from '../plan/plan.ts';
import { duration, percent } from './duration.ts';
import type { StepView, Timeline } from './timeline.ts';

const remedies: Partial<Record<Action['do'], string>> = {
  restart:
    "Shorten the start of an instance (imports, caches, the process manager's own waiting time), or flip between two slots (`blue-green`), which starts the new release off the clock.",
  'await-ready':
    'Make an instance ready sooner, or flip between two slots (`blue-green`), which waits for readiness off the clock.',
  admit: 'Let the balancer check its members more often (shorter interval, fewer successes asked for).',
  drain: 'Lower the longest wait for requests in flight, or find out which requests take that long.',
  switch: 'A switch takes milliseconds as a rule: look at the load and the network of the balancer.',
};

export interface Share {
  readonly step: StepView;
  readonly ms: number;
  /** One sentence: which step took how much of the flip, and on which server it was slowest. */
  readonly words: string;
  readonly remedy?: string;
}

function wordsOf(step: StepView, ms: number, flipMs: number): string {
  const { slowest, estimateMs, note } = step;
  const slow =
    slowest !== undefined && step.servers.length > 1 ? `; slowest ${slowest.server} with ${duration(slowest.ms)}` : '';
  const estimate = estimateMs !== undefined && ms > estimateMs * 1.25 ? `; ${duration(estimateMs)} estimated` : '';
  const said = note === undefined ? '' : `; ${note}`;
  return `${step.title} took ${duration(ms)} of ${duration(flipMs)} (${percent(ms / flipMs)}${slow}${estimate}${said})`;
}

/** What a flip's time went into, longest first: the steps that took a tenth of it or more, three at the most. */
export function attribution(timeline: Timeline): Share[] {
  const flipMs = timeline.conclusion?.flipMs ?? timeline.flip?.ms;
  if (flipMs === undefined || flipMs <= 0) return [];
  return timeline.steps
    .flatMap((step) => (step.phase === 'flip' && step.ms !== undefined ? [{ step, ms: step.ms }] : []))
    .filter(({ ms }) => ms >= flipMs / 10)
    .sort((one, other) => other.ms - one.ms)
    .slice(0, 3)
    .map(({ step, ms }) => {
      const remedy = step.action && remedies[step.action.do];
      return { step, ms, words: wordsOf(step, ms, flipMs), ...(remedy === undefined ? {} : { remedy }) };
    });
}
