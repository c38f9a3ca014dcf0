import type { Balancer } from '../balancers/port.ts';
import type { ReleaseId } from '../fleet/nouns.ts';
import type { Happening, WitnessSummary } from '../report/events.ts';
import type { Result } from '../result.ts';
import type { Clock } from './clock.ts';
import type { Host } from './host.ts';

/** What surrounds a rollout: everything it can see, change or tell. */
export interface World {
  readonly hosts: readonly Host[];
  /** All balancers as one. */
  readonly balancer: Balancer;
  /** Uploads the assets of the release; resolves to a note. */
  readonly uploadAssets?: (signal: AbortSignal) => Promise<Result<string>>;
  /** Purges, twice. */
  readonly purge?: (signal: AbortSignal) => Promise<Result<string>>;
  /** Starts requests through the balancer that record which release answered. */
  readonly startWitness?: (release: ReleaseId) => { stop(): Promise<WitnessSummary> };
  readonly clock: Clock;
  readonly emit: (happening: Happening) => void;
  readonly limits: Limits;
}

/** Longest waits, in milliseconds. */
export interface Limits {
  /** For the balancer to see its members up. */
  readonly admitMs: number;
  /** For requests in flight on members that left the pool. */
  readonly drainMs: number;
}
