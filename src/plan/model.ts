import { instanceKey, isAmong, type Pool, type PoolName, type ReleaseId, type SlotName } from '../fleet/nouns.ts';
import type { Observation, ServerSeen } from '../fleet/observation.ts';
import type { Action, Wish } from './plan.ts';

/** The instances of one slot on one server: they are started, verified and routed to together. */
export interface Unit {
  readonly server: string;
  readonly slot: SlotName;
  readonly total: number;
  readonly ready: number;
  /** Releases that its ready instances answer as. */
  readonly releases: readonly ReleaseId[];
  /** Some of its instances get new requests. */
  readonly serving: boolean;
  /** The release that its next start would run; missing where no pointer names one. */
  readonly pointer?: ReleaseId;
}

/** The fleet as a plan sees it: small enough to be copied at every step, whatever the number of instances. */
export interface Model {
  readonly units: readonly Unit[];
  /** Servers where the wanted release is complete and verified. */
  readonly staged: readonly string[];
  /** The pool that all balancers send new requests to, where that is one of ours. */
  readonly live?: PoolName;
}

const unitsOf = (server: ServerSeen, pools: readonly Pool[], serving: ReadonlySet<string>): Unit[] => {
  const slots = new Map(pools.filter((pool) => isAmong(server.server, pool.servers)).map((pool) => [pool.slot, pool]));
  return [...slots].map(([slot, pool]) => {
    const total = pool.instances.length / pool.servers.length;
    const seen = server.instances.filter((instance) => instance.slot === slot);
    const ready = seen.filter((instance) => instance.ready);
    const releases = [...new Set(ready.map((instance) => instance.release ?? 'unknown'))].sort();
    const pointer = server.pointers[slot];
    return {
      ...(pointer !== undefined && { pointer }),
      server: server.server,
      slot,
      total,
      ready: ready.length,
      releases,
      serving: seen.some((instance) => serving.has(instanceKey(instance))),
    };
  });
};

/** What was observed, reduced to what planning needs. */
export function modelOf(seen: Observation, wish: Pick<Wish, 'release' | 'pools'>): Model {
  const serving = new Set(seen.balancers.flatMap((balancer) => balancer.serving));
  const lives = [...new Set(seen.balancers.map((balancer) => balancer.live))];
  const live = lives.length === 1 ? lives[0] : undefined;
  return {
    units: seen.servers.flatMap((server) => unitsOf(server, wish.pools, serving)),
    staged: seen.servers.filter((server) => server.releases.includes(wish.release)).map((server) => server.server),
    ...(live === undefined ? {} : { live }),
  };
}

export const inPool = (unit: Unit, pool: Pool): boolean =>
  unit.slot === pool.slot && isAmong(unit.server, pool.servers);

/** All its instances are ready and answer as the release. */
export const isOn = (unit: Unit, release: ReleaseId): boolean =>
  unit.ready === unit.total && unit.releases.length === 1 && unit.releases[0] === release;

/** Ready instances that new requests go to. */
export const servingIn = (model: Model): number =>
  model.units.filter((unit) => unit.serving).reduce((sum, unit) => sum + unit.ready, 0);

/** Instances that serve users now, as a share (0 to 1) of a full fleet, which is the largest pool. */
export function capacityOf(model: Model, pools: readonly Pool[]): number {
  const full = Math.max(...pools.map((pool) => pool.instances.length));
  return Math.min(1, servingIn(model) / full);
}

/** Releases that users are answered by. */
export const versionsOf = (model: Model): ReleaseId[] =>
  [...new Set(model.units.filter((unit) => unit.serving).flatMap((unit) => unit.releases))].sort();

const onUnits = (model: Model, where: (unit: Unit) => boolean, change: Partial<Unit>): Model => ({
  ...model,
  units: model.units.map((unit) => (where(unit) ? { ...unit, ...change } : unit)),
});

/** The fleet after an action that went well. */
export function after(model: Model, action: Action, wish: Wish): Model {
  const among = (servers: readonly string[], slot: SlotName) => (unit: Unit) =>
    unit.slot === slot && isAmong(unit.server, servers);
  switch (action.do) {
    case 'transfer':
      return { ...model, staged: [...new Set([...model.staged, ...action.servers])] };
    case 'point':
      return onUnits(model, among(action.servers, action.slot), { pointer: wish.release });
    case 'restart':
      return onUnits(model, among(action.servers, action.slot), { ready: 0, releases: [], pointer: wish.release });
    case 'stop':
      return onUnits(model, among(action.servers, action.slot), { ready: 0, releases: [] });
    case 'await-ready':
      return {
        ...model,
        units: model.units.map((unit) =>
          among(action.servers, action.slot)(unit) ? { ...unit, ready: unit.total, releases: [wish.release] } : unit,
        ),
      };
    case 'switch': {
      const pool = wish.pools.find(({ name }) => name === action.to);
      const units = model.units.map((unit) => ({ ...unit, serving: pool !== undefined && inPool(unit, pool) }));
      return { ...model, units, live: action.to };
    }
    case 'upload-assets':
    case 'admit':
    case 'drain':
    case 'purge':
    case 'prune':
      return model;
  }
}
