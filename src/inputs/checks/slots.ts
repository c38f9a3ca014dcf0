import type { Slot } from '../../fleet/nouns.ts';
import type { Mistake } from '../mistakes/mistake.ts';
import { adviceFor } from '../mistakes/wording.ts';
import { resolveSlots } from '../resolve/slots.ts';
import type { Sections } from './check.ts';

/** Slots name servers that exist, use all of them, and never share a port on one. */
export function checkSlots({ servers, instances, process }: Sections): Mistake[] {
  if (servers === undefined || instances === undefined) return [];
  const known = [...new Set(servers.flat().map(({ name }) => name))];
  const [blue, green] = resolveSlots({ servers: [known.map((name) => ({ name }))], instances });
  if (blue === undefined || green === undefined) return [];
  const slots = [blue, green];
  const used = new Set(slots.flatMap((slot) => slot.servers));
  const idle = known.filter((name) => !used.has(name));
  return [
    ...slots.flatMap((slot) => strangers(slot, known)),
    ...(idle.length === 0 ? [] : [{ path: ['instances', 'slots'], what: `no slot is on ${idle.join(', ')}` }]),
    ...collisions(blue, green),
    ...(process === undefined ? [] : sharedProgram(process, [blue, green])),
  ];
}

const strangers = (slot: Slot, known: readonly string[]): Mistake[] =>
  slot.servers.flatMap((server, index) => {
    const path = ['instances', 'slots', slot.name, 'servers'];
    if (slot.servers.indexOf(server) < index) return [{ path, what: `names ${server} twice` }];
    return known.includes(server)
      ? []
      : [{ path, what: `there is no server ${server}`, advice: adviceFor(server, known) }];
  });

const shared = <T>(one: readonly T[], other: readonly T[]): T[] => {
  const others = new Set(other);
  return one.filter((item) => others.has(item));
};

function collisions(blue: Slot, green: Slot): Mistake[] {
  const [server] = shared(blue.servers, green.servers);
  const ports = shared(blue.ports, green.ports);
  if (server === undefined || ports.length === 0) return [];
  const [first, ...more] = ports;
  const what = `has ${more.length === 0 ? `port ${first}` : `${ports.length} ports (${first}, …)`} of blue on the same server (${server})`;
  return [{ path: ['instances', 'slots', 'green'], what }];
}

/** With one program for both slots, starting the idle one anew would take the live one down. */
function sharedProgram(process: NonNullable<Sections['process']>, [blue, green]: readonly [Slot, Slot]): Mistake[] {
  if (process.manager === 'command' || process.program === undefined || process.program.includes('{slot}')) return [];
  if (shared(blue.servers, green.servers).length === 0) return [];
  const what = 'is the same program for both slots: a restart of one would take the other down';
  return [{ path: ['process', 'program'], what, advice: `write ${process.program}-{slot}` }];
}
