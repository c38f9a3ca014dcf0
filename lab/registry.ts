import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startTimeOf } from './process-table.ts';

/** A process by its id and its start, so that a recycled id is never taken for it. */
const Known = z.object({ pid: z.number(), started: z.string() });

const Entry = z.object({
  owner: Known,
  folder: z.string(),
  processes: z.array(Known),
  namespaces: z.array(z.string()),
  links: z.array(z.string()),
});
/** Everything that a lab has outside its folder. Written before it is made, so that a crash forgets nothing. */
type Entry = z.infer<typeof Entry>;

/** A lab's number on this machine, and its entry in the registry. */
export interface Registration {
  /** 0 to 199: names, addresses and interfaces of a lab contain it, so that labs can run side by side. */
  readonly number: number;
  readonly entry: Entry;
  save(): void;
  remove(): void;
}

const registry = join(tmpdir(), `fleetflip-labs-${userInfo().uid}`);
const fileOf = (number: number): string => join(registry, `${number}.json`);

/** Takes the lowest number that no lab has. */
export function register(folder: string): Registration {
  mkdirSync(registry, { recursive: true });
  const owner = { pid: process.pid, started: startTimeOf(process.pid) ?? '' };
  const entry: Entry = { owner, folder, processes: [], namespaces: [], links: [] };
  for (let number = 0; number < 200; number++) {
    if (create(number, entry)) return registration(number, entry);
  }
  throw new Error(`200 labs are registered in ${registry}`);
}

/** Labs whose owner is gone. */
export const abandoned = (): Registration[] => all().filter((lab) => !isOwned(lab));

/** Whether a lab of a process that is still there uses the folder. */
export const inUse = (folder: string): boolean => all().some((lab) => isOwned(lab) && lab.entry.folder === folder);

function all(): Registration[] {
  mkdirSync(registry, { recursive: true });
  return readdirSync(registry).flatMap((name) => {
    const number = Number.parseInt(name, 10);
    const entry = read(number);
    return entry ? [registration(number, entry)] : [];
  });
}

const isOwned = ({ entry: { owner } }: Registration): boolean => startTimeOf(owner.pid) === owner.started;

const registration = (number: number, entry: Entry): Registration => ({
  number,
  entry,
  save: () => writeFileSync(fileOf(number), JSON.stringify(entry)),
  remove: () => rmSync(fileOf(number), { force: true }),
});

function create(number: number, entry: Entry): boolean {
  try {
    writeFileSync(fileOf(number), JSON.stringify(entry), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

/** Another lab may be about to remove its file, or in the middle of writing it: then it is none of ours. */
function read(number: number): Entry | undefined {
  try {
    return Entry.parse(JSON.parse(readFileSync(fileOf(number), 'utf8')));
  } catch {
    return undefined;
  }
}
