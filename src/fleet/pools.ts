import { instancesOf, type Pool, type Slot } from './nouns.ts';

/** With two slots a pool is a slot. */
export const slotPools = (slots: readonly Slot[]): Pool[] =>
  slots.map((slot) => ({ name: slot.name, slot: slot.name, servers: slot.servers, instances: instancesOf(slot) }));

/**
 * With one slot, half of the servers is `a` and the rest is `b`. An odd server goes to `b`: the cutover then lands on the
 * smaller half, and the larger one is restarted while users are on the new release already.
 */
export function halfPools(slot: Slot): Pool[] {
  const half = Math.floor(slot.servers.length / 2);
  const pool = (name: string, servers: readonly string[]): Pool => ({
    name,
    slot: slot.name,
    servers,
    instances: instancesOf(slot, servers),
  });
  return [pool('all', slot.servers), pool('a', slot.servers.slice(0, half)), pool('b', slot.servers.slice(half))];
}

/** The pools of a fleet: its slots, or the halves of its only one. */
export const poolsOf = (slots: readonly Slot[]): Pool[] =>
  slots.length === 1 ? slots.flatMap(halfPools) : slotPools(slots);
