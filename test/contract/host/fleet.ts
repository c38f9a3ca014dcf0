import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../../lab/native.ts';
import { releaseMaker } from '../../../lab/releases.ts';
import type { Config, ProcessConfig } from '../../../src/inputs/config.ts';
import type { Host } from '../../../src/rollout/host.ts';
import { makeHost } from '../../../src/servers/host.ts';
import { openShipment } from '../../../src/servers/releases/shipment.ts';
import { readSource } from '../../../src/servers/releases/source.ts';
import { openServer } from '../../../src/servers/ssh/open.ts';
import { freePort, type Sshd } from '../../support/sshd.ts';
import { expectOk } from '../server.contract.ts';
import { credentialsFor, targetOf } from '../ssh/access.ts';

export interface FleetOptions {
  readonly start: (defer: AsyncDisposableStack) => Promise<Sshd>;
  /** Port at which the server is reached, where that is another one than its own. */
  readonly through?: (port: number, defer: AsyncDisposableStack) => Promise<number>;
  readonly instances?: number;
  /** What restarts the instances; a script of a few lines by default. */
  readonly manager?: (place: ManagedPlace, defer: AsyncDisposableStack) => Promise<ProcessConfig>;
}

export interface ManagedPlace {
  readonly folder: string;
  readonly base: string;
  readonly ports: readonly number[];
}

/** A fleet of one server, reached as in a run, with real processes on it. */
export interface Fleet extends AsyncDisposable {
  readonly base: string;
  readonly ports: readonly number[];
  /** The server, with this release to stage. */
  host(release: string): Promise<Host>;
  /** The server over another connection, with nothing to stage. */
  reachedAnew(): Promise<Host>;
  /** Stages, restarts and waits; the note about the staging. */
  deploy(release: string, live: string | undefined): Promise<string>;
}

export async function fleetOf({ start, through, instances = 3, manager = byScript }: FleetOptions): Promise<Fleet> {
  const defer = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-poor-'));
  defer.defer(() => rm(folder, { recursive: true, force: true }));
  const base = join(folder, 'shop');
  const ports = await Promise.all(Array.from({ length: instances }, freePort));
  const process = await manager({ folder, base, ports }, defer);
  const sshd = await start(defer);
  defer.defer(() => sshd.stop());
  const port = (await through?.(sshd.port, defer)) ?? sshd.port;
  const target = targetOf(sshd, { port });
  const credentials = credentialsFor({
    ...sshd,
    knownHosts: sshd.knownHosts.replaceAll(`:${sshd.port} `, `:${port} `),
  });
  const reach = async () => {
    const server = expectOk(await openServer(target, credentials));
    defer.defer(() => server.close());
    return server;
  };
  const server = await reach();
  const config: Config = {
    app: 'shop',
    servers: [target],
    slots: [{ name: 'current', servers: [target.name], ports }],
    release: { path: base, transfer: 'auto', keep: 2, shared: [] },
    process,
    health: { path: '/healthz', releaseHeader: 'X-Release', deadlineMs: 40_000 },
    balancers: [],
    strategy: { type: 'swap', keepOld: 'forever', drainMs: 0 },
    budgetMs: 5000,
  };
  const serve = await compile('instance', join(tmpdir(), 'fleetflip-native'));
  const make = releaseMaker(join(folder, 'sources'), { serve, files: {}, startDelayMs: 0 });
  const shipments = new Map<string, ReturnType<typeof openShipment>>();
  const ship = async (id: string) => {
    const { source } = await make(id, { files: 5, bytes: 20_000 });
    await symlink('RELEASE', join(source, 'version'));
    const shipment = openShipment(source, expectOk(await readSource(source, [])));
    shipments.set(id, shipment);
    defer.defer(() => shipment.close());
    return shipment;
  };
  const host = async (id: string) =>
    makeHost({ server, config, shipment: { id, shipment: shipments.get(id) ?? (await ship(id)) } });
  return {
    base,
    ports,
    host,
    reachedAnew: async () => makeHost({ server: await reach(), config }),
    async deploy(id, live) {
      const one = await host(id);
      const note = expectOk(await one.stage(live, () => {}));
      expectOk(await one.restart('current', id));
      expectOk(await one.awaitReady('current', id, new AbortController().signal));
      return note;
    },
    [Symbol.asyncDispose]: () => defer.disposeAsync(),
  };
}

/** A process that has ended and that nobody has taken notice of yet has no program any more. */
const script = `cd "$1"; shift
running() { pid=$(cat "run/$1" 2>/dev/null) && [ -e "/proc/$pid/exe" ]; }
stop() {
  for port; do running $port && kill $pid; done
  for port; do while running $port; do sleep 0.02; done; rm -f "run/$port"; done
}
start() {
  for port; do
    "shop/$SLOT/bin/serve" $port 127.0.0.1 </dev/null >/dev/null 2>&1 &
    echo $! >"run/$port"
  done
}
status() { for port; do if running $port; then echo "$port running $pid"; else echo "$port stopped -"; fi; done; }
what=$1; shift
case $what in restart) stop "$@"; start "$@" ;; *) $what "$@" ;; esac
`;

/** As a user without a process manager may have it: pid files. */
async function byScript({ folder, ports }: ManagedPlace, defer: AsyncDisposableStack): Promise<ProcessConfig> {
  const file = join(folder, 'manage');
  await mkdir(join(folder, 'run'));
  await writeFile(file, script);
  defer.defer(async () => {
    for (const port of ports) await endByPidFile(join(folder, 'run', String(port)));
  });
  const command = (what: string) => `sh ${file} ${folder} ${what} ${ports.join(' ')}`;
  return { manager: 'command', restart: command('restart'), stop: command('stop'), status: command('status') };
}

async function endByPidFile(file: string): Promise<void> {
  const pid = Number(await readFile(file, 'utf8').catch(() => ''));
  if (pid > 1) process.kill(pid, 'SIGKILL');
}

/** Which release a user is answered by at this port; `nobody` where nothing listens. */
export const answers = async (port: number): Promise<string> => {
  const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
  return response?.headers.get('x-release') ?? 'nobody';
};
