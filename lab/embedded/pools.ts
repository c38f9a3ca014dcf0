import { basename, join } from 'node:path';
import type { LabOptions } from '../options.ts';
import { slotsOf } from '../slots.ts';

/** The stand-in balancer's settings: every instance once, and which of them are in which pool. */
export function balancerSettings(options: LabOptions, folders: readonly string[]): object {
  const slots = slotsOf(options);
  const members = slots.flatMap((slot) =>
    folders.flatMap((folder, server) => slot.ports.map((port) => ({ slot: slot.name, place: server, folder, port }))),
  );
  const half = Math.floor(folders.length / 2);
  const where = (inPool: (member: (typeof members)[number]) => boolean): number[] =>
    members.flatMap((member, index) => (inPool(member) ? [index] : []));
  const pools =
    slots.length > 1
      ? Object.fromEntries(slots.map(({ name }) => [name, where((member) => member.slot === name)]))
      : { all: where(() => true), a: where(({ place }) => place < half), b: where(({ place }) => place >= half) };
  return {
    members: members.map(({ folder, port }) => ({
      server: basename(folder),
      port,
      socket: join(folder, 'run', `${port}.sock`),
    })),
    pools,
    live: Object.keys(pools)[0],
  };
}
