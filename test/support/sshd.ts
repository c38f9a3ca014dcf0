import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { within } from './bare-machine.ts';

export const execute = promisify(execFile);

export interface SshdOptions {
  /** Environment of every session, e.g. a PATH with only some tools in it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Lines for sshd_config, e.g. `AllowTcpForwarding no`. Taken before the fixture's own, so they win. */
  readonly config?: readonly string[];
  /** Types of host keys; `['ed25519']` by default. */
  readonly hostKeys?: readonly string[];
  /** SFTP subsystem; true by default. */
  readonly sftp?: boolean;
  /** Folder with all programs of the server, see `bareMachine`. Needs root. */
  readonly bin?: string;
}

/** A real SSH server on 127.0.0.1, with its own keys in a temporary folder. */
export interface Sshd {
  readonly port: number;
  /** User to log in as: the one who runs the test. */
  readonly user: string;
  /** Lines for known_hosts, one per host key. */
  readonly knownHosts: string;
  /** Text of the private key that may log in. */
  readonly clientKey: string;
  readonly folder: string;
  /** What the server wrote to its log so far. */
  log(): Promise<string>;
  /** Kills the processes that serve open connections, as a lost network would look to the client. */
  cutConnections(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts OpenSSH's sshd. Needs root, or the tests' user to be the one who logs in. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const { config = [], environment = {}, hostKeys = ['ed25519'], sftp = true, bin } = options;
  const { folder, port } = await prepare(hostKeys);
  // Privilege separation wants this folder, which the system's service would make.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const lines = [
    ...config,
    // A home of its own: bash reads ~/.bashrc for every command it gets from sshd.
    `SetEnv ${Object.entries({ HOME: folder, ...(bin && { PATH: '/usr/bin' }), ...environment })
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...hostKeys.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'MaxStartups 100',
    'LogLevel DEBUG1',
    ...(sftp ? ['Subsystem sftp internal-sftp'] : []),
  ];
  await writeFile(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  const logFile = join(folder, 'log');
  const argv = ['/usr/sbin/sshd', '-D', '-f', join(folder, 'sshd_config'), '-E', logFile];
  const [program = '', ...args] =
    bin === undefined ? argv : ['unshare', ...(await within({ home: folder, bin }, argv))];
  const child = spawn(program, args, { stdio: 'ignore' });
  return started({ child, folder, port, log: () => readFile(logFile, 'utf8') });
}

/** Folder, free port, host keys and a client key that may log in. */
export async function prepare(hostKeys: readonly string[]): Promise<{ folder: string; port: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-sshd-'));
  const make = (type: string, name: string) =>
    execute('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', name, '-f', join(folder, name)]);
  await Promise.all([make('ed25519', 'client'), ...hostKeys.map((type) => make(type, `host_${type}`))]);
  await writeFile(join(folder, 'authorized_keys'), await readFile(join(folder, 'client.pub')), { mode: 0o600 });
  return { folder, port: await freePort() };
}

/** A daemon that has been spawned and whose host keys are `host_*.pub` in its folder; waits until it listens. */
export async function started(daemon: {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly port: number;
  readonly log: () => Promise<string>;
}): Promise<Sshd> {
  const { child, folder, port, log } = daemon;
  await listening(daemon);
  const publicKeys = (await readdir(folder)).filter((name) => /^host_.*\.pub$/.test(name));
  const lines = await Promise.all(publicKeys.map((name) => readFile(join(folder, name), 'utf8')));
  return {
    port,
    user: userInfo().username,
    knownHosts: lines.map((line) => `[127.0.0.1]:${port} ${line.trim()}\n`).join(''),
    clientKey: await readFile(join(folder, 'client'), 'utf8'),
    folder,
    log,
    cutConnections: async () => {
      for (const pid of await descendants(child.pid ?? 0)) killIfThere(pid);
    },
    async stop() {
      const pids = await descendants(child.pid ?? 0);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill()) await ended;
      for (const pid of pids) killIfThere(pid);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listening({
  child,
  port,
  log,
}: {
  child: ChildProcess;
  port: number;
  log: () => Promise<string>;
}): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the SSH server did not start:\n${await log()}`);
    await delay(20);
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('connect', () => socket.destroy()).once('error', () => resolve(false));
  });

/** All processes below one, from the kernel's own lists. */
async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Most end by themselves with their parent.
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
