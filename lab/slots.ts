import type { LabOptions } from './options.ts';

/** A slot of the lab's fleet: `blue` from port 8001 and `green` from 9001, or `current` from 8001. */
export interface LabSlot {
  readonly name: string;
  readonly ports: readonly number[];
  /** The ports as the fleet file writes them. */
  readonly range: string;
}

export function slotsOf({ strategy, instances }: Pick<LabOptions, 'strategy' | 'instances'>): LabSlot[] {
  const slot = (name: string, first: number): LabSlot => ({
    name,
    ports: Array.from({ length: instances }, (_, index) => first + index),
    range: instances === 1 ? String(first) : `${first}-${first + instances - 1}`,
  });
  return strategy === 'blue-green' ? [slot('blue', 8001), slot('green', 9001)] : [slot('current', 8001)];
}
