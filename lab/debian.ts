import { mkdir, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { endProcesses } from './daemons.ts';
import { writeFleetFile } from './fleet-file.ts';
import { frontendPort, startHaproxy } from './haproxy.ts';
import { compile } from './native.ts';
import { makeNetwork, type NetworkMode, type Place, removeNetwork } from './network.ts';
import type { Lab, LabBalancer, LabHost, LabOptions } from './options.ts';
import { abandoned, inUse, type Registration, register } from './registry.ts';
import { type Application, releaseMaker } from './releases.ts';
import { slotsOf } from './slots.ts';
import { makeKeyPair, startSshd } from './sshd.ts';
import { startSupervisord } from './supervisord.ts';
import { trafficStarter } from './traffic.ts';
import { checkSocketFolder } from './unix-socket.ts';

/** Brings up a fleet of Debian's own daemons: OpenSSH and supervisord per server, HAProxy in front. */
export async function startDebianLab(options: LabOptions, mode: NetworkMode, cdn?: object): Promise<Lab> {
  checkSocketFolder(options.dir);
  for (const stale of abandoned()) await takeDown(stale);
  if (inUse(options.dir)) throw new Error(`a lab is running in ${options.dir}`);
  // Servers begin empty, whatever an earlier lab left in the folder.
  await rm(join(options.dir, 'hosts'), { recursive: true, force: true });
  await mkdir(options.dir, { recursive: true });
  const lab = register(options.dir);
  try {
    return await bringUp({ lab, options, mode, cdn });
  } catch (error) {
    await takeDown(lab);
    throw error;
  }
}

async function takeDown(lab: Registration): Promise<void> {
  await endProcesses(lab);
  await removeNetwork(lab);
  lab.remove();
}

interface Wanted {
  readonly lab: Registration;
  readonly options: LabOptions;
  readonly mode: NetworkMode;
  readonly cdn: object | undefined;
}

async function bringUp({ lab, options, mode, cdn }: Wanted): Promise<Lab> {
  const { dir } = options;
  const [instance, traffic] = await Promise.all([
    compile('instance', join(dir, 'native')),
    compile('traffic', join(dir, 'native')),
  ]);
  const names = [...numbered('lb', options.balancers), ...numbered('web', options.servers)];
  const places = await makeNetwork(mode, names, lab);
  const client = makeKeyPair();
  const knownHosts = await startMachines(lab, { places, options, clientKey: client.public });
  const servers = places.slice(options.balancers).map((place) => hostAt(dir, place));
  const balancers = places.slice(0, options.balancers).map((place) => balancerAt(dir, place));
  const user = userInfo().username;
  const fleetFile = join(dir, 'fleet.yml');
  await writeFleetFile(fleetFile, { dir, options, user, servers, balancers, cdn });
  const urls = balancers.map(({ url }) => url);
  return {
    options,
    dir,
    fleetFile,
    servers,
    balancers,
    ssh: { user, privateKey: client.private, knownHosts },
    url: urls[0] ?? '',
    environment: {},
    makeRelease: releaseMaker(join(dir, 'releases'), application(options, instance)),
    startTraffic: trafficStarter([traffic], urls, dir),
    stop: () => takeDown(lab),
  };
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

interface Machines {
  /** The balancers, then the servers. */
  readonly places: readonly Place[];
  readonly options: LabOptions;
  readonly clientKey: string;
}

/** Starts every machine's daemons; the text of a known_hosts file for all of them. */
async function startMachines(lab: Registration, { places, options, clientKey }: Machines): Promise<string> {
  const servers = places.slice(options.balancers);
  const slots = slotsOf(options);
  const knownHosts = await Promise.all(
    places.map(async (place, index) => {
      const folder = folderOf(options.dir, place);
      await mkdir(folder, { recursive: true });
      const [hostKey] = await Promise.all([
        startSshd(lab, place, { folder, clientKey }),
        index < options.balancers
          ? startHaproxy(lab, place, { folder, servers, options })
          : startSupervisord(lab, place, { folder, slots }),
      ]);
      return hostKey;
    }),
  );
  return `${knownHosts.join('\n')}\n`;
}

const folderOf = (dir: string, place: Place): string => join(dir, 'hosts', place.name);

const hostAt = (dir: string, place: Place): LabHost => ({ ...place, folder: folderOf(dir, place) });

function balancerAt(dir: string, place: Place): LabBalancer {
  const folder = folderOf(dir, place);
  const url = `http://${place.address}:${frontendPort}`;
  return { ...hostAt(dir, place), url, control: join(folder, 'admin.sock'), map: join(folder, 'live.map') };
}

function application({ app, startDelayMs }: LabOptions, instance: string): Application {
  const tornado = join(import.meta.dirname, 'tornado');
  return app === 'native'
    ? { serve: instance, files: {}, startDelayMs }
    : { serve: join(tornado, 'serve'), files: { 'app.py': join(tornado, 'app.py') }, startDelayMs };
}
