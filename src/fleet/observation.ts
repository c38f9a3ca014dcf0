import type { PoolName, ReleaseId, SlotName } from './nouns.ts';

/** What one instance answered when it was asked; `release` is missing where nothing answered or no release was named. */
export interface InstanceSeen {
  readonly server: string;
  readonly port: number;
  readonly slot: SlotName;
  readonly ready: boolean;
  readonly release?: ReleaseId;
}

/** How large a release is: what is in its manifest. */
export interface ReleaseSize {
  readonly files: number;
  readonly bytes: number;
}

/** What one server holds. */
export interface ServerSeen {
  readonly server: string;
  /** Complete (verified) releases in its release directory. */
  readonly releases: readonly ReleaseId[];
  readonly sizes: Readonly<Record<ReleaseId, ReleaseSize>>;
  /** Which release the pointer of each slot names (`<path>/current`, `<path>/blue`); missing where there is no pointer. */
  readonly pointers: Readonly<Record<SlotName, ReleaseId>>;
  /** The release that was live before the present one. */
  readonly previous?: ReleaseId;
  readonly instances: readonly InstanceSeen[];
}

export type Administrative = 'enabled' | 'drained' | 'disabled';
export type Operational = 'up' | 'down' | 'unknown';

/** An instance as a balancer knows it. */
export interface MemberSeen {
  /** The balancer's own name for it, e.g. `shop-blue/web-1-8001`. */
  readonly member: string;
  readonly server: string;
  readonly port: number;
  readonly administrative: Administrative;
  readonly operational: Operational;
  /** Requests or connections it is busy with now. */
  readonly sessions: number;
}

/** What one balancer does at the moment. */
export interface BalancerSeen {
  readonly balancer: string;
  /** The pool that new requests go to; missing where the enabled members are no pool of ours, or requests are held. */
  readonly live?: PoolName;
  readonly held: boolean;
  /** Members of every pool. By pointer, one instance may stand in several backends: it is listed once per backend. */
  readonly members: readonly MemberSeen[];
  /** `server:port` of every instance that gets new requests now. */
  readonly serving: readonly string[];
}

/** Everything a plan starts from. */
export interface Observation {
  readonly servers: readonly ServerSeen[];
  readonly balancers: readonly BalancerSeen[];
}
