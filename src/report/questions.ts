import type { Failure } from '../result.ts';
import type { StepView, Timeline } from './timeline.ts';

/** How many milliseconds the fleet was between two states so far: until the flip ended, or the way back did. */
export function underWay({ flip, steps, at }: Timeline): number | undefined {
  if (flip === undefined) return undefined;
  const running = steps.some((step) => step.state === 'running');
  const ends = steps
    .filter(({ phase }) => phase === 'flip' || phase === 'return')
    .map((step) => (step.startedAt === undefined ? 0 : step.startedAt + (step.ms ?? 0)));
  return (running ? at : Math.max(flip.openedAt, ...ends)) - flip.openedAt;
}

/** Every warning once: those of the conclusion, and those that were told on the way. */
export function warningsOf({ warnings, conclusion }: Pick<Timeline, 'warnings' | 'conclusion'>): Failure[] {
  const all = [...warnings, ...(conclusion?.warnings ?? [])];
  return [...new Map(all.map((warning) => [`${warning.where} ${warning.what}`, warning])).values()];
}

/** A step as lists and charts call it. The steps of the way back stand under a heading of their own. */
export const stepName = ({ id, title }: Pick<StepView, 'id' | 'title'>): string =>
  `${id.replace(/^back-/, '')} ${title}`;
