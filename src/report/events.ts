import type { ReleaseId } from '../fleet/nouns.ts';
import type { Phase, Plan } from '../plan/plan.ts';
import type { Failure } from '../result.ts';

export type ResultWord =
  | 'flipped'
  | 'unchanged'
  | 'staged'
  | 'planned'
  | 'rolled-back'
  | 'held'
  | 'cancelled'
  | 'failed';

/** What users saw, from requests sent through the balancer. Milliseconds; times are since the start of the run. */
export interface WitnessSummary {
  readonly requests: number;
  readonly failed: number;
  /** Requests that started after the first new answer and still got another release. */
  readonly mixed: number;
  /** From the first new answer to the start of the last mixed request; 0 when none was mixed. */
  readonly mixedMs: number;
  /** Sent once more, because a reused connection was closed before any byte of an answer (RFC 9112, 9.3.1). Not failed. */
  readonly retried?: number;
  /** Longest time without one good answer. */
  readonly outageMs: number;
  readonly firstNewAt?: number;
  readonly lastOldAt?: number;
  /** The first few bad answers, in words. */
  readonly samples: readonly string[];
}

/** The end of a run. `live` is what was observed at the end, never what was intended. */
export interface Conclusion {
  readonly result: ResultWord;
  readonly release: ReleaseId;
  readonly previous?: ReleaseId;
  /**
   * Releases that answer users now, as observed; more than one means the fleet is mixed, none that nothing answers. Missing
   * where nobody could look.
   */
  readonly live?: readonly ReleaseId[];
  /** One line for a title. */
  readonly headline: string;
  readonly failures: readonly Failure[];
  /** Things that went wrong without changing the outcome (a purge, a report). */
  readonly warnings: readonly Failure[];
  readonly budgetMs: number;
  readonly totalMs: number;
  readonly flipMs?: number;
  readonly cutoverMs?: number;
  readonly witness?: WitnessSummary;
}

/** Everything that happens in a run. `at` is milliseconds since its start on the monotonic clock. */
export type Happening =
  | { readonly type: 'started'; readonly command: string; readonly release: ReleaseId; readonly wallClock: string }
  | { readonly type: 'plan-ready'; readonly plan: Plan }
  | { readonly type: 'phase-started'; readonly phase: Phase | 'return' }
  | { readonly type: 'step-started'; readonly step: string; readonly title: string }
  | {
      readonly type: 'server-step';
      readonly step: string;
      readonly server: string;
      readonly ms: number;
      readonly failure?: Failure;
      readonly note?: string;
    }
  | {
      readonly type: 'transfer-progress';
      readonly server: string;
      readonly bytes: number;
      readonly totalBytes: number;
      readonly files: number;
    }
  | {
      readonly type: 'step-finished';
      readonly step: string;
      readonly ms: number;
      readonly failure?: Failure;
      readonly note?: string;
    }
  | { readonly type: 'flip-opened' }
  | { readonly type: 'cutover'; readonly ms: number; readonly batchMs: number }
  | { readonly type: 'flip-closed'; readonly ms: number }
  | { readonly type: 'witness'; readonly summary: WitnessSummary }
  | { readonly type: 'warning'; readonly failure: Failure }
  | { readonly type: 'finished'; readonly conclusion: Conclusion };

export type Event = Happening & { readonly at: number };

/** A consumer of the stream. Never throws, returns at once: what is slow goes on by itself and is waited for in `settle`. */
export interface Reporter {
  report(event: Event): void;
  /** Waits (bounded, milliseconds) for what is still on its way. Never rejects. */
  settle(deadlineMs: number): Promise<void>;
}
