import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Lab, LabBalancer, LabHost, LabOptions } from '../options.ts';
import { releaseMaker } from '../releases.ts';
import { slotsOf } from '../slots.ts';
import { makeKeyPair } from '../sshd.ts';
import { trafficStarter } from '../traffic.ts';
import { checkSocketFolder } from '../unix-socket.ts';
import { writeEmbeddedFleetFile } from './fleet-file.ts';
import { balancerSettings } from './pools.ts';
import { type Program, startProgram } from './programs.ts';

const execute = promisify(execFile);
const here = (name: string): string => join(import.meta.dirname, name);

/** Brings up stand-ins written in Node: for machines without Debian's servers, and without root. */
export async function startEmbeddedLab(options: LabOptions, cdn?: object): Promise<Lab> {
  const { dir } = options;
  checkSocketFolder(dir);
  await rm(join(dir, 'hosts'), { recursive: true, force: true });
  const folders = Array.from({ length: options.servers }, (_, index) => join(dir, 'hosts', `web-${index + 1}`));
  await Promise.all(folders.map((folder) => mkdir(join(folder, 'run'), { recursive: true })));
  const client = makeKeyPair();
  const hosts = folders.map((folder) => ({ folder, key: makeKeyPair() }));
  const servers = await startProgram('ssh-servers', {
    servers: hosts.map(({ folder, key }) => ({ folder, hostKey: key.private })),
    clientKey: client.public,
  });
  const balancer = await startProgram('balancer', balancerSettings(options, folders)).catch(async (error) => {
    await servers.stop();
    throw error;
  });
  const ports = z.array(z.number()).parse(servers.ready);
  const places = folders.map((folder, index) => serverAt(folder, ports[index] ?? 0));
  const front = balancerAt(dir, balancer);
  const fleetFile = join(dir, 'fleet.yml');
  await writeEmbeddedFleetFile(fleetFile, { dir, options, user: 'deploy', servers: places, balancers: [front], cdn });
  return {
    options,
    dir,
    fleetFile,
    servers: places,
    balancers: [front],
    ssh: {
      user: 'deploy',
      privateKey: client.private,
      knownHosts: hosts.map(({ key }, index) => `[127.0.0.1]:${ports[index]} ${key.public}\n`).join(''),
    },
    url: front.url,
    environment: {},
    makeRelease: releaseMaker(join(dir, 'releases'), {
      serve: here('serve'),
      files: { 'bin/serve.mts': here('instance.ts') },
      startDelayMs: options.startDelayMs,
    }),
    startTraffic: trafficStarter([process.execPath, here('traffic.ts')], [front.url], dir),
    stop: () => stopAll(options, folders, [balancer, servers]),
  };
}

async function stopAll(options: LabOptions, folders: readonly string[], programs: readonly Program[]): Promise<void> {
  const ports = slotsOf(options).flatMap((slot) => slot.ports.map(String));
  for (const folder of folders) {
    await execute(process.execPath, [here('manager.ts'), 'stop', folder, String(process.pid), 'all', ...ports]);
  }
  for (const program of programs) await program.stop();
}

const serverAt = (folder: string, sshPort: number): LabHost => ({
  name: folder.slice(folder.lastIndexOf('/') + 1),
  address: '127.0.0.1',
  sshPort,
  folder,
  enter: [],
});

function balancerAt(dir: string, balancer: Program): LabBalancer {
  const ports = z.object({ users: z.number(), control: z.number() }).parse(balancer.ready);
  return {
    name: 'lb-1',
    address: '127.0.0.1',
    sshPort: 0,
    folder: dir,
    enter: [],
    url: `http://127.0.0.1:${ports.users}`,
    control: `http://127.0.0.1:${ports.control}/`,
    map: '',
  };
}
