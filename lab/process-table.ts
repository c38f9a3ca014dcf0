import { readdirSync, readFileSync } from 'node:fs';

export interface TableRow {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot, as the kernel writes it. */
  readonly started: string;
}

/** What runs on this machine, zombies left out. */
export const processTable = (): TableRow[] =>
  readdirSync('/proc').flatMap((name) => {
    const row = /^\d+$/.test(name) ? rowOf(Number(name)) : undefined;
    return row ? [row] : [];
  });

/** Missing where the process has ended, waited for or not. */
export const startTimeOf = (pid: number): string | undefined => rowOf(pid)?.started;

/** proc(5), stat: the second field is a name in parentheses that may contain anything. */
function rowOf(pid: number): TableRow | undefined {
  const text = readProc(pid, 'stat');
  const [state, parent, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const started = fields[17];
  return state === 'Z' || started === undefined ? undefined : { pid, parent: Number(parent), started };
}

/** The environment that a process was started with; empty where it cannot be read. */
export const environmentOf = (pid: number): string[] => readProc(pid, 'environ').split('\0');

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** All processes below the given ones. */
export function descendants(roots: ReadonlySet<number>, table: readonly TableRow[]): TableRow[] {
  const below = new Map<number, TableRow[]>();
  for (const row of table) below.set(row.parent, [...(below.get(row.parent) ?? []), row]);
  const childrenOf = (pid: number): TableRow[] =>
    (below.get(pid) ?? []).flatMap((child) => [child, ...childrenOf(child.pid)]);
  return [...roots].flatMap(childrenOf);
}
