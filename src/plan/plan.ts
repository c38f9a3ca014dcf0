import type { Pool, PoolName, ReleaseId, SlotName } from '../fleet/nouns.ts';

export type StrategyType = 'blue-green' | 'swap';
export type Phase = 'stage' | 'flip' | 'finish';

/** What a step does. Data only: `rollout/` gives each a body. */
export type Action =
  | { readonly do: 'upload-assets' }
  | { readonly do: 'transfer'; readonly servers: readonly string[] }
  | { readonly do: 'point'; readonly servers: readonly string[]; readonly slot: SlotName }
  | { readonly do: 'restart'; readonly servers: readonly string[]; readonly slot: SlotName }
  | { readonly do: 'await-ready'; readonly servers: readonly string[]; readonly slot: SlotName }
  | { readonly do: 'admit'; readonly pool: PoolName }
  | { readonly do: 'switch'; readonly from?: PoolName; readonly to: PoolName; readonly cutover: boolean }
  | { readonly do: 'drain'; readonly servers: readonly string[]; readonly slot: SlotName }
  | { readonly do: 'stop'; readonly servers: readonly string[]; readonly slot: SlotName }
  | { readonly do: 'purge' }
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
