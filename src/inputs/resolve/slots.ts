import type { Slot } from '../../fleet/nouns.ts';
import type { FleetFile } from '../file/fleet-file.ts';

type Sections = Pick<FleetFile, 'servers' | 'instances'>;
type WrittenSlot = NonNullable<FleetFile['instances']['slots']>['blue'];

/** `blue` and `green`, or `current` where there is one set of ports. A slot without servers of its own is on all of them. */
export function resolveSlots({ servers, instances }: Sections): Slot[] {
  const all = servers.flat().map(({ name }) => name);
  const { ports, slots } = instances;
  if (slots === undefined) return [{ name: 'current', servers: all, ports: ports ?? [] }];
  const slot = (name: string, written: WrittenSlot): Slot => ({
    name,
    servers: 'servers' in written ? written.servers : all,
    ports: written.ports,
  });
  return [slot('blue', slots.blue), slot('green', slots.green)];
}

/** The pools that traffic can be sent to, see `fleet/pools.ts`. */
export const poolNames = (instances: FleetFile['instances']) =>
  instances.slots === undefined ? (['all', 'a', 'b'] as const) : (['blue', 'green'] as const);
