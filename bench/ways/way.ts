import type { Lab, LabOptions } from '../../lab/options.ts';
import type { LabRelease } from '../../lab/releases.ts';

/** A way to put a release live on a fleet. */
export interface Way {
  /** What `--only` picks it by. */
  readonly name: string;
  readonly what: string;
  /** A program that it cannot do without, and the Debian package that brings it. */
  readonly needs?: { readonly program: string; readonly package: string };
  readonly lab: Pick<LabOptions, 'strategy' | 'by'>;
  /** Puts the first release live, off the clock. */
  begin(lab: Lab, release: LabRelease): Promise<void>;
  /** Replaces what is live. Resolves when the balancer has all of its pool back too. */
  replace(lab: Lab, change: Change): Promise<Spent>;
}

export interface Change {
  readonly from: LabRelease;
  readonly to: LabRelease;
}

/** Milliseconds. */
export interface Spent {
  /** What somebody waits for. */
  readonly wholeMs: number;
  /** Missing where it is not told apart. */
  readonly copyMs?: number;
  /** From the first instance touched until all run the new release. */
  readonly flipMs: number;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
