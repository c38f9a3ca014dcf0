import type { Pool } from '../fleet/nouns.ts';
import type { BalancerSeen } from '../fleet/observation.ts';
import type { Failure, Result } from '../result.ts';

/** What a balancer can do, so that a plan promises nothing that it cannot keep. */
export interface Traits {
  /** How traffic moves: one value looked up per request · a batch of member changes · member by member · by reloading · by connection. */
  readonly flips: 'pointer' | 'batch' | 'one-by-one' | 'reload' | 'connection';
  /** Requests can be made to wait while pools change. */
  readonly hold: boolean;
  /** How one knows that a pool has finished what it had. */
  readonly drain: 'counter' | 'time' | 'nothing';
  /** A change is read back from what routes requests, or only from configuration. */
  readonly confirms: 'effect' | 'configuration';
  /** Least time in milliseconds that a change of n members takes. */
  floorMs(members: number): number;
}

/** What a change did, as the balancer confirmed it. */
export interface Receipt {
  /** From the first byte sent until the change was read back. */
  readonly ms: number;
  /** Length of the change itself, without the read-back: how long two pools could both have been live. 0 for a pointer. */
  readonly batchMs: number;
}

/** The load balancer in front of the fleet. Every method may be called only between `open` and `close`. */
export interface Balancer {
  readonly name: string;
  readonly traits: Traits;
  /** Opens sessions, tokens, tunnels; before the clock. */
  open(): Promise<Result<void>>;
  /** What is missing in the balancer's configuration for the given pools; empty when all is there. Changes nothing. */
  check(pools: readonly Pool[]): Promise<readonly Failure[]>;
  observe(pools: readonly Pool[]): Promise<Result<BalancerSeen>>;
  /**
   * Makes the balancer regard every member of the pool as up (its own checks may lag behind), within the deadline. Once the
   * signal is aborted it says so about no member any more, because these may be about to restart.
   */
  admit(pool: Pool, deadlineMs: number, signal: AbortSignal): Promise<Result<void>>;
  /**
   * New requests go to `to` and nowhere else, as close to atomic as the product allows, and read back. Ends a hold.
   * Idempotent. `pools` is every pool of the fleet, so that members to be taken out are known.
   */
  apply(to: Pool, pools: readonly Pool[]): Promise<Result<Receipt>>;
  /** New requests wait until the next `apply`. Only where `traits.hold`. */
  hold(pools: readonly Pool[]): Promise<Result<Receipt>>;
  /** Requests or connections that the instances of a pool are still busy with. */
  busy(pool: Pool): Promise<Result<number>>;
  close(): Promise<void>;
}
