import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface RigOptions {
  /** Instances of the group `shop`. */
  readonly instances: number;
  /** Lines for each program, e.g. `startsecs=0`. */
  readonly program?: readonly string[];
  /** Lines for `[unix_http_server]`. */
  readonly server?: readonly string[];
  /** Part of every path that supervisord tells. */
  readonly folder?: string;
  /** Whether the instances run when the rig is ready; true by default. */
  readonly autostart?: boolean;
}

/** A real supervisord with a group `shop` of small HTTP servers, in a temporary folder. */
export interface Rig {
  readonly folder: string;
  readonly socket: string;
  readonly config: string;
  readonly ports: readonly number[];
  /** What the instances do from their next start on; see instance.c. */
  behave(...words: readonly string[]): Promise<void>;
  /** Pids by port of the instances that run, by the kernel's account. */
  pids(): Promise<ReadonlyMap<number, number>>;
  /** The same, once all run: what has been spawned takes a moment to become the instance. */
  allPids(): Promise<ReadonlyMap<number, number>>;
  stop(): Promise<void>;
}

export async function startSupervisord(options: RigOptions): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), `fleetflip-${options.folder ?? 'supervisord'}-`));
  const program = join(folder, 'instance');
  await promisify(execFile)('gcc', ['-O1', '-o', program, join(import.meta.dirname, 'instance.c')]);
  const ports = await freePorts(options.instances);
  const socket = join(folder, 'supervisor.sock');
  const config = join(folder, 'supervisord.conf');
  const behaviour = join(folder, 'behaviour');
  await writeFile(behaviour, 'release=old\n');
  await writeFile(config, configuration(folder, ports, options));
  const child = spawn('/usr/bin/supervisord', ['-n', '-c', config], { stdio: 'ignore' });
  const pids = () => childrenByPort(child);
  const wanted = options.autostart === false ? 0 : ports.length;
  const upTo = (count: number) => until(folder, child, async () => (await pids()).size === count);
  await until(folder, child, () => accepts(socket));
  await upTo(wanted);
  return {
    folder,
    socket,
    config,
    ports,
    behave: (...words) => writeFile(behaviour, `${words.join('\n')}\n`),
    pids,
    async allPids() {
      await upTo(ports.length);
      return pids();
    },
    async stop() {
      const left = [...(await pids()).values()];
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
      for (const pid of left) killIfThere(pid);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Each process is a program of its own, gathered in a group: as long as supervisord numbers them, ports must be in a row. */
const configuration = (
  folder: string,
  ports: readonly number[],
  { program = [], server = [], autostart = true }: RigOptions,
) =>
  [
    '[unix_http_server]',
    `file=${folder}/supervisor.sock`,
    ...server,
    '[supervisord]',
    `logfile=${folder}/supervisord.log`,
    `pidfile=${folder}/pid`,
    `childlogdir=${folder}`,
    '[rpcinterface:supervisor]',
    'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface',
    '[supervisorctl]',
    `serverurl=unix://${folder}/supervisor.sock`,
    ...server.filter((line) => /^(username|password)=/.test(line)),
    '[group:shop]',
    `programs=${ports.map((port) => `p${port}`).join(',')}`,
    ...ports.flatMap((port) => [
      `[program:p${port}]`,
      `command=${folder}/instance ${port} ${folder}/behaviour`,
      `autostart=${autostart}`,
      'redirect_stderr=true',
      `stdout_logfile=${folder}/${port}.log`,
      ...program,
    ]),
    '',
  ].join('\n');

async function childrenByPort(child: ChildProcess): Promise<ReadonlyMap<number, number>> {
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').catch(() => '');
  const found = new Map<number, number>();
  for (const pid of children.trim().split(/\s+/).filter(Boolean).map(Number)) {
    const [program, port] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (program?.endsWith('/instance')) found.set(Number(port), pid);
  }
  return found;
}

async function until(folder: string, child: ChildProcess, done: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await done())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(
        `supervisord is not as expected:\n${await readFile(join(folder, 'supervisord.log'), 'utf8').catch(String)}`,
      );
    }
    await delay(20);
  }
}

const accepts = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once('connect', () => socket.destroy()).once('error', () => resolve(false));
  });

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.flatMap((server) => {
    const address = server.address();
    return address === null || typeof address === 'string' ? [] : [address.port];
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended with its parent's group, or by itself.
  }
}
