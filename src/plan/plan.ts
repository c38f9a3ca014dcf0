import type { Pool, PoolName, ReleaseId, SlotName } from '../fleet/nouns.ts';

export type StrategyType = 'blue-green' | 'swap';
export type Phase = 'stage' | 'flip' | 'finish';

/** What a step does. Data only: `rollout/` gives each a body. */
export type Action =
  | { readonly do: 'upload-assets' }
  /** Copy the release to the servers and verify every file there. */
  | { readonly do: 'transfer'; readonly servers: readonly string[] }
  /** Point the slot at the release and start all its instances anew. */
  | { readonly do: 'restart'; readonly servers: readonly string[]; readonly slot: SlotName }
  /** Point the slot at the release that its instances run already. */
  | { readonly do: 'point'; readonly servers: readonly string[]; readonly slot: SlotName }
  /** Every instance was seen ready and answering as the release. */
  | { readonly do: 'await-ready'; readonly servers: readonly string[]; readonly slot: SlotName }
  /** The balancer regards every member of the pool as up. */
  | { readonly do: 'admit'; readonly pool: PoolName }
  /** New requests go to `to` and nowhere else. With `cutover`, users are answered by the new release from here on. */
  | { readonly do: 'switch'; readonly from?: PoolName; readonly to: PoolName; readonly cutover: boolean }
  /** Members that left the pool finish the requests they have. */
  | { readonly do: 'drain'; readonly pool: PoolName }
  | { readonly do: 'stop'; readonly servers: readonly string[]; readonly slot: SlotName; readonly afterMs: number }
  | { readonly do: 'purge' }
  /** Remove old releases; never the live one, never one that a pointer names. */
  | { readonly do: 'prune'; readonly servers: readonly string[] };

export interface Step {
  /** `1`, `2` … in the order of the plan. */
  readonly id: string;
  readonly phase: Phase;
  readonly action: Action;
  readonly estimateMs: number;
  /** Lowest share of the fleet's capacity (0 to 1) that serves during this step. */
  readonly capacity: number;
  /** Releases that may answer users during this step. */
  readonly versions: readonly ReleaseId[];
}

export interface Plan {
  readonly strategy: StrategyType;
  readonly release: ReleaseId;
  /** What answers users before the flip; missing on a first deploy. */
  readonly previous?: ReleaseId;
  readonly pools: readonly Pool[];
  /** Empty when the release is live already. */
  readonly steps: readonly Step[];
  /** SHA-256 over everything above, hexadecimal: what an approver saw is what runs. */
  readonly hash: string;
}

/** What is wanted, and what the world outside allows. Everything a planner knows besides the observation. */
export interface Wish {
  readonly release: ReleaseId;
  readonly strategy: StrategyType;
  readonly pools: readonly Pool[];
  /** Lowest acceptable capacity (0 to 1) during the flip; missing: what the strategy needs. */
  readonly minCapacity?: number;
  /** Milliseconds the old slot is kept after the flip, or until the next deploy. */
  readonly keepOld: number | 'forever';
  /** Copy the release first; a rollback finds it on the servers. */
  readonly transfer: boolean;
  readonly assets: boolean;
  readonly purge: boolean;
  readonly balancer: {
    /** A switch never shows users two releases. */
    readonly singleVersion: boolean;
    /** What one switch costs in milliseconds, at least. */
    readonly switchMs: number;
  };
}
