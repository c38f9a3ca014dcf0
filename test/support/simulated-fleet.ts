import type { Balancer } from '../../src/balancers/port.ts';
import type { Pool, ReleaseId, Slot } from '../../src/fleet/nouns.ts';
import { instanceKey, instancesOf } from '../../src/fleet/nouns.ts';
import { poolsOf } from '../../src/fleet/pools.ts';
import type { Happening } from '../../src/report/events.ts';
import { fail, ok, type Result } from '../../src/result.ts';
import type { Host } from '../../src/rollout/host.ts';
import type { World } from '../../src/rollout/world.ts';

/** Which call goes wrong, counted from 0 over all calls that change something, and whether it took effect before it failed. */
export interface Fault {
  readonly call: number;
  readonly kind: 'fails' | 'fails-after-effect';
}

interface UnitState {
  release: ReleaseId | undefined;
  ready: boolean;
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
}

interface Start {
  readonly slots: readonly Slot[];
  readonly release: ReleaseId;
  readonly live: string | undefined;
  readonly wanted: ReleaseId;
  readonly fault?: Fault;
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
    const state = units.get(key) ?? { release: running ? start.release : undefined, ready: running };
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
  const change = async <T>(name: string, value: T, effect: () => void): Promise<Result<T>> => {
    const call = calls.push(name) - 1;
    start.onCall?.(call, name);
    await Promise.resolve();
    const broken = start.fault?.call === call;
    if (!broken || start.fault?.kind === 'fails-after-effect') effect();
    shown.push(truth().live);
    return broken ? fail({ what: `${name} failed`, where: name }) : ok(value);
  };

  const host = (name: string): Host => ({
    name,
    observe: async () =>
      ok({
        server: name,
        releases: [...(staged.get(name) ?? [])],
        sizes: {},
        pointers: {},
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
      change(`restart ${name}/${slot}`, 'restarted', () => {
        units.set(`${name}/${slot}`, { release, ready: false });
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
  return { world, pools, happenings, shown, calls, truth };
}

const serversOf = (slots: readonly Slot[]) => [...new Set(slots.flatMap((slot) => slot.servers))];

const slotOf = (slots: readonly Slot[], server: string, port: number) =>
  slots.find((slot) => slot.servers.includes(server) && slot.ports.includes(port))?.name ?? 'none';
