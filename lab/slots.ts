import type { LabOptions } from './options.ts';

/** A slot of the lab's fleet: `blue` from port 8001 and `green` from 9001, or `current` from 8001. */
export interface LabSlot {
  readonly name: string;
  readonly ports: readonly number[];
  /** The ports as the fleet file writes them. */
  readonly range: string;
}

/** The machines that a slot is on. */
export function machinesOf<T>(slot: LabSlot, all: readonly T[], { apart }: Pick<LabOptions, 'apart'>): readonly T[] {
  if (!apart) return all;
  const half = Math.floor(all.length / 2);
  return slot.name === 'blue' ? all.slice(0, half) : all.slice(half);
}

export function slotsOf({ strategy, instances }: Pick<LabOptions, 'strategy' | 'instances'>): LabSlot[] {
  const slot = (name: string, first: number): LabSlot => ({
    name,
    ports: Array.from({ length: instances }, (_, index) => first + index),
    range: instances === 1 ? String(first) : `${first}-${first + instances - 1}`,
  });
  return strategy === 'blue-green' ? [slot('blue', 8001), slot('green', 9001)] : [slot('current', 8001)];
}
