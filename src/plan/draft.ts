import type { Action, Phase } from './plan.ts';

/** A step before it has a number, an estimate and what it means for users. */
export interface Draft {
  readonly phase: Phase;
  readonly action: Action;
}

export const drafts = (phase: Phase, ...actions: Action[]): Draft[] => actions.map((action) => ({ phase, action }));
