import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { within } from './bare-machine.ts';
import { execute, prepare, type Sshd, started } from './sshd.ts';

export interface DropbearOptions {
  /** Its own options, e.g. `-j` for no forwarding. */
  readonly args?: readonly string[];
  /** Folder with all programs of the server, see `bareMachine`. */
  readonly bin?: string;
}

/**
 * Starts Dropbear, the SSH server of small systems. It reads the keys that may log in from the user's home only, so it is shown
 * another one; that needs root.
 */
export async function startDropbear({ args = [], bin }: DropbearOptions = {}): Promise<Sshd> {
  const { folder, port } = await prepare([]);
  const hostKey = join(folder, 'host_ed25519');
  const made = await execute('dropbearkey', ['-t', 'ed25519', '-f', hostKey]);
  await writeFile(`${hostKey}.pub`, made.stdout.split('\n').find((line) => line.startsWith('ssh-')) ?? '');
  const home = join(folder, 'home');
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const authorized = await readFile(join(folder, 'authorized_keys'));
  await writeFile(join(home, '.ssh', 'authorized_keys'), authorized, { mode: 0o600 });
  const options = ['-F', '-E', '-s', '-r', hostKey, '-p', `127.0.0.1:${port}`, '-P', join(folder, 'pid'), ...args];
  const view = { home, ...(bin !== undefined && { bin }) };
  const child = spawn('unshare', await within(view, ['/usr/sbin/dropbear', ...options]));
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  return started({ child, folder, port, log: async () => log });
}
