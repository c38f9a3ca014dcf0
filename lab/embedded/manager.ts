/**
 * The process manager of an embedded server: starts and stops the instances of a slot, and knows them by their pid files.
 *
 *   node manager.ts restart|stop|status FOLDER LAB_PID SLOT PORT...
 */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const [, , command, folder = '', lab = '', slot = '', ...ports] = process.argv;
const run = join(folder, 'run');
const pidFile = (port: string) => join(run, `${port}.pid`);

/** The pid of a running instance. */
function running(port: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile(port), 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

async function stop(): Promise<void> {
  for (const port of ports) {
    const pid = running(port);
    if (pid !== undefined) process.kill(pid, 'SIGTERM');
  }
  while (ports.some((port) => running(port) !== undefined)) await delay(10);
  for (const port of ports) rmSync(pidFile(port), { force: true });
}

function start(port: string): void {
  const log = openSync(join(run, `${port}.log`), 'w');
  const program = join(folder, 'shop', slot, 'bin', 'serve');
  const child = spawn(program, [join(run, `${port}.sock`), lab], { detached: true, stdio: ['ignore', log, log] });
  child.on('error', (error) => console.error(error.message));
  child.unref();
  if (child.pid !== undefined) writeFileSync(pidFile(port), String(child.pid));
}

mkdirSync(run, { recursive: true });
if (command === 'restart' || command === 'stop') await stop();
if (command === 'restart') ports.forEach(start);
if (command === 'status') {
  for (const port of ports) {
    const pid = running(port);
    console.log(`${port} ${pid === undefined ? 'stopped 0' : `running ${pid}`}`);
  }
}
