import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { descendants, environmentOf, processTable, startTimeOf, type TableRow } from './process-table.ts';
import type { Registration } from './registry.ts';

/** Marks whatever a lab starts, and what that starts: processes whose parent has died are found by it. */
export const marker = 'FLEETFLIP_LAB';

export interface Daemon {
  readonly pid: number;
  readonly logFile: string;
  /** False as soon as it has ended. */
  running(): boolean;
}

/** Starts a program that stays in the foreground. It outlives a crash of this process; the registry knows it. */
export function startDaemon(lab: Registration, argv: readonly string[], logFile: string): Daemon {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  const [command = '', ...args] = argv;
  const env = { ...process.env, [marker]: lab.entry.folder };
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env });
  child.on('error', () => {});
  child.unref();
  const pid = child.pid;
  const started = pid === undefined ? undefined : startTimeOf(pid);
  if (pid === undefined || started === undefined) throw new Error(`${command} cannot be started`);
  lab.entry.processes.push({ pid, started });
  lab.save();
  return { pid, logFile, running: () => startTimeOf(pid) === started };
}

/** Polls until the daemon does what it is for; its log is in the error where it never does. */
export async function until(what: string, daemon: Daemon, ready: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await ready())) {
    if (daemon.running() && Date.now() < deadline) await delay(20);
    else throw new Error(`${what} did not start:\n${readFileSync(daemon.logFile, 'utf8').slice(-2000)}`);
  }
}

/** Ends everything that the lab started, whatever its parent is now. Nothing in a lab is worth a polite goodbye. */
export async function endProcesses({ entry }: Registration): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const left = processesOf(entry.folder, entry.processes);
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`processes ${left.map((row) => row.pid).join(', ')} do not end`);
    // Managers come first in the list, so that none of them can replace what was ended.
    for (const { pid } of left) kill(pid);
    await delay(10);
  }
}

function processesOf(folder: string, known: Registration['entry']['processes']): TableRow[] {
  const table = processTable();
  const roots = table.filter((row) => known.some(({ pid, started }) => row.pid === pid && row.started === started));
  const below = descendants(new Set(roots.map((row) => row.pid)), table);
  const found = new Set([...roots, ...below]);
  const mark = `${marker}=${folder}`;
  for (const row of table) {
    if (row.pid !== process.pid && !found.has(row) && environmentOf(row.pid).includes(mark)) found.add(row);
  }
  return [...found];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself since it was listed.
  }
}
