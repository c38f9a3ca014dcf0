import type { Balancer } from '../../src/balancers/port.ts';
import type { Pool, ReleaseId, Slot } from '../../src/fleet/nouns.ts';
import { instanceKey, instancesOf } from '../../src/fleet/nouns.ts';
import { poolsOf } from '../../src/fleet/pools.ts';
import type { Happening } from '../../src/report/events.ts';
import { fail, ok, type Result } from '../../src/result.ts';
import type { Host } from '../../src/rollout/host.ts';
import type { World } from '../../src/rollout/world.ts';

/**
 * Which call goes wrong, counted from 0 over all calls that change something, and whether it took effect before it failed.
 * Half way, a restart has moved the pointer and left the old processes alone.
 */
export interface Fault {
  readonly call: number;
  readonly kind: 'fails' | 'fails-half-way' | 'fails-after-effect' | 'throws';
}

interface UnitState {
  release: ReleaseId | undefined;
  ready: boolean;
  pointer: ReleaseId | undefined;
}

export interface Simulation {
  readonly world: World;
  readonly pools: readonly Pool[];
  readonly happenings: Happening[];
  /** Releases that users could be answered by, after every change. */
  readonly shown: ReleaseId[][];
  /** Names of the calls made, in order. */
  readonly calls: string[];
  truth(): { live: ReleaseId[]; capacity: number };
  /** Servers whose pointer names another release than their live processes run: the next crash would start that. */
  astray(): string[];
}

interface Start {
  readonly slots: readonly Slot[];
  readonly release: ReleaseId;
  readonly live: string | undefined;
  readonly wanted: ReleaseId;
  readonly fault?: Fault | readonly Fault[];
  /** Called before each changing call; a test cancels here. */
  readonly onCall?: (call: number, name: string) => void;
}

/** A fleet in memory behind the real ports, so that the real rollout runs on it in microseconds and can be broken anywhere. */
export function simulate(start: Start): Simulation {
  const { slots, wanted } = start;
  const pools = poolsOf(slots);
  const running = start.live !== undefined;
  const staged = new Map(serversOf(slots).map((name) => [name, new Set(running ? [start.release] : [])]));
  const units = new Map<string, UnitState>();
  const unit = (server: string, slot: string): UnitState => {
    const key = `${server}/${slot}`;
    const release = running ? start.release : undefined;
    const state = units.get(key) ?? { release, ready: running, pointer: release };
    units.set(key, state);
    return state;
  };
  let live = start.live;
  const happenings: Happening[] = [];
  const shown: ReleaseId[][] = [];
  const calls: string[] = [];

  const serving = () => pools.find((pool) => pool.name === live)?.instances ?? [];
  const truth = () => {
    const states = serving().map(({ server, port }) => unit(server, slotOf(slots, server, port)));
    const ready = states.filter((state) => state.ready);
    const full = Math.max(...pools.map((pool) => pool.instances.length));
    return { live: [...new Set(ready.map((state) => state.release ?? 'none'))].sort(), capacity: ready.length / full };
  };
  const astray = () => {
    const live = serving().map(({ server, port }) => ({ server, state: unit(server, slotOf(slots, server, port)) }));
    return [...new Set(live.filter(({ state }) => state.pointer !== state.release).map(({ server }) => server))];
  };
  const faults = [start.fault ?? []].flat();
  const change = async <T>(name: string, value: T, effect: () => void, half = () => {}): Promise<Result<T>> => {
    const call = calls.push(name) - 1;
    start.onCall?.(call, name);
    await Promise.resolve();
    const kind = faults.find((fault) => fault.call === call)?.kind;
    if (kind === 'throws') throw new Error(`a bug in ${name}`);
    if (kind === 'fails-half-way') half();
    if (kind === undefined || kind === 'fails-after-effect') effect();
    shown.push(truth().live);
    return kind !== undefined ? fail({ what: `${name} failed`, where: name }) : ok(value);
  };

  const pointersOf = (name: string): Record<string, ReleaseId> => {
    const mine = slots.filter((slot) => slot.servers.includes(name));
    return Object.fromEntries(
      mine.flatMap((slot) => {
        const { pointer } = unit(name, slot.name);
        return pointer === undefined ? [] : [[slot.name, pointer]];
      }),
    );
  };
  const host = (name: string): Host => ({
    name,
    check: async () => [],
    observe: async () =>
      ok({
        server: name,
        releases: [...(staged.get(name) ?? [])],
        sizes: {},
        pointers: pointersOf(name),
        instances: slots
          .filter((slot) => slot.servers.includes(name))
          .flatMap((slot) =>
            instancesOf(slot, [name]).map(({ server, port }) => {
              const { release, ready } = unit(server, slot.name);
              return { server, port, slot: slot.name, ready, ...(ready && release !== undefined && { release }) };
            }),
          ),
      }),
    stage: () => change(`stage ${name}`, 'staged', () => staged.get(name)?.add(wanted)),
    restart: (slot, release) =>
      change(
        `restart ${name}/${slot}`,
        'restarted',
        () => void units.set(`${name}/${slot}`, { release, ready: false, pointer: release }),
        () => {
          unit(name, slot).pointer = release;
        },
      ),
    point: (slot, release) =>
      change(`point ${name}/${slot}`, undefined, () => {
        unit(name, slot).pointer = release;
      }),
    awaitReady: (slot, _release, signal) =>
      signal.aborted
        ? Promise.resolve(fail({ what: 'cancelled', where: name }))
        : change(`await ${name}/${slot}`, 'ready', () => {
            unit(name, slot).ready = true;
          }),
    stop: (slot) =>
      change(`stop ${name}/${slot}`, undefined, () => {
        unit(name, slot).ready = false;
      }),
    prune: () => change(`prune ${name}`, 'pruned', () => {}),
  });

  const balancer: Balancer = {
    name: 'lb',
    traits: { flips: 'pointer', hold: true, drain: 'counter', confirms: 'effect', floorMs: () => 1 },
    open: async () => ok(undefined),
    close: async () => {},
    check: async () => [],
    busy: async () => ok(0),
    admit: (pool) => change(`admit ${pool.name}`, undefined, () => {}),
    hold: async () => ok({ ms: 0, batchMs: 0 }),
    apply: (to) =>
      change(`switch ${to.name}`, { ms: 1, batchMs: 0 }, () => {
        live = to.name;
      }),
    observe: async () =>
      ok({
        balancer: 'lb',
        ...(live !== undefined && { live }),
        held: false,
        members: [],
        serving: serving().map(instanceKey),
      }),
  };

  let now = 0;
  const world: World = {
    hosts: serversOf(slots).map(host),
    balancer,
    clock: {
      now: () => now++,
      sleep: async (ms) => {
        now += ms;
      },
    },
    emit: (happening) => happenings.push(happening),
    limits: { admitMs: 1000, drainMs: 1000 },
  };
  return { world, pools, happenings, shown, calls, truth, astray };
}

const serversOf = (slots: readonly Slot[]) => [...new Set(slots.flatMap((slot) => slot.servers))];

const slotOf = (slots: readonly Slot[], server: string, port: number) =>
  slots.find((slot) => slot.servers.includes(server) && slot.ports.includes(port))?.name ?? 'none';
