import fc from 'fast-check';
import type { Slot } from '../../src/fleet/nouns.ts';
import { instancesOf } from '../../src/fleet/nouns.ts';
import type { BalancerSeen, Observation, ServerSeen } from '../../src/fleet/observation.ts';
import { poolsOf } from '../../src/fleet/pools.ts';
import type { Wish } from '../../src/plan/plan.ts';

export const wanted = 'new';

export interface Fleet {
  readonly slots: readonly Slot[];
  readonly seen: Observation;
  readonly wish: Wish;
}

type Health = 'ready' | 'partly' | 'dead';
/** What one slot of one server runs. */
type Running = { readonly release: string; readonly health: Health };

const nothing: Running = { release: 'old', health: 'dead' };

const names = (count: number) => Array.from({ length: count }, (_, index) => `web-${index + 1}`);

const oneSlot = fc
  .record({ servers: fc.integer({ min: 2, max: 7 }), ports: fc.integer({ min: 2, max: 4 }) })
  .map(({ servers, ports }): Slot[] => [{ name: 'current', servers: names(servers), ports: range(8001, ports) }]);

const twoSlots = fc
  .record({ servers: fc.integer({ min: 1, max: 6 }), ports: fc.integer({ min: 2, max: 4 }), apart: fc.boolean() })
  .map(({ servers, ports, apart }): Slot[] => {
    const all = names(apart ? servers * 2 : servers);
    return [
      { name: 'blue', servers: apart ? all.slice(0, servers) : all, ports: range(8001, ports) },
      { name: 'green', servers: apart ? all.slice(servers) : all, ports: range(9001, ports) },
    ];
  });

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

const wishFor = (slots: readonly Slot[]): Wish => ({
  release: wanted,
  strategy: slots.length === 1 ? 'swap' : 'blue-green',
  pools: poolsOf(slots),
  keepOld: 'forever',
  transfer: true,
  assets: true,
  purge: true,
  balancer: { singleVersion: true, switchMs: 5 },
});

const observe = (
  slots: readonly Slot[],
  running: (server: string, slot: string) => Running,
  live?: string,
): Observation => {
  const servers = [...new Set(slots.flatMap((slot) => slot.servers))];
  const pool = poolsOf(slots).find(({ name }) => name === live);
  const serving = (pool?.instances ?? []).map(({ server, port }) => `${server}:${port}`);
  const balancer: BalancerSeen = { balancer: 'lb', ...(live && { live }), held: false, members: [], serving };
  return { servers: servers.map((server) => serverSeen(server, slots, running)), balancers: [balancer] };
};

const serverSeen = (
  server: string,
  slots: readonly Slot[],
  running: (server: string, slot: string) => Running,
): ServerSeen => {
  const mine = slots.filter((slot) => slot.servers.includes(server));
  const instances = mine.flatMap((slot) => {
    const { release, health } = running(server, slot.name);
    return instancesOf(slot, [server]).map(({ port }, index) => {
      const ready = health === 'ready' || (health === 'partly' && index > 0);
      return { server, port, slot: slot.name, ready, ...(ready && { release }) };
    });
  });
  const releases = [...new Set(mine.map((slot) => running(server, slot.name).release))];
  return { server, releases, sizes: {}, pointers: {}, instances };
};

const anyRunning: fc.Arbitrary<Running> = fc.record({
  release: fc.constantFrom('old', 'old', wanted, 'stray'),
  health: fc.constantFrom<Health>('ready', 'ready', 'ready', 'partly', 'dead'),
});

export const anySlots = fc.oneof(oneSlot, twoSlots);

/** Every server on the old release, all of it serving: how a deploy is meant to find a fleet. */
export const settledFleet: fc.Arbitrary<Fleet> = anySlots.map((slots) => ({
  slots,
  wish: wishFor(slots),
  seen: observe(slots, () => ({ release: 'old', health: 'ready' }), slots.length === 1 ? 'all' : 'blue'),
}));

/** Whatever an accident, a hand or a killed run may have left. */
export const anyFleet: fc.Arbitrary<Fleet> = anySlots.chain((slots) => {
  const units = slots.flatMap((slot) => slot.servers.map((server) => `${server}/${slot.name}`));
  const lives = [undefined, ...poolsOf(slots).map((pool) => pool.name)];
  return fc
    .record({
      running: fc.array(anyRunning, { minLength: units.length, maxLength: units.length }),
      live: fc.constantFrom(...lives),
    })
    .map(({ running, live }) => {
      const table = new Map(units.map((unit, index) => [unit, running[index] ?? nothing]));
      const at = (server: string, slot: string): Running => table.get(`${server}/${slot}`) ?? nothing;
      return { slots, wish: wishFor(slots), seen: observe(slots, at, live) };
    });
});
