/** `npm run lab`: a fleet to play with, until Ctrl-C. */

import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bestMode, introduction, readArguments, usualInstances } from './arguments.ts';
import { startLab } from './lab.ts';
import { installPackages } from './packages.ts';

const { strategy, by, ...wanted } = readArguments(process.argv.slice(2));
await installPackages();
const mode = wanted.mode ?? (await bestMode());
console.log(introduction[mode]);
const interrupted = once(process, 'SIGINT');
const dir = join(import.meta.dirname, '../.lab/play');
const lab = await startLab({ dir, mode, strategy, by, instances: wanted.instances ?? usualInstances(mode) });
const key = join(dir, 'ssh-key');
const knownHosts = join(dir, 'known-hosts');
await mkdir(dir, { recursive: true });
await writeFile(key, lab.ssh.privateKey, { mode: 0o600 });
await writeFile(knownHosts, lab.ssh.knownHosts);
const [one, two] = [await lab.makeRelease('r1'), await lab.makeRelease('r2')];

console.log(`
users      ${lab.url}
fleet file ${lab.fleetFile}
servers    ${lab.servers.map(({ name, address, sshPort }) => `${name} ${address}:${sshPort}`).join(', ')}

In another terminal, here:

  export FLEETFLIP_SSH_KEY="$(cat ${key})"
  node dist/cli.js deploy --fleet ${lab.fleetFile} --known-hosts "$(cat ${knownHosts})" --release r1 --source ${one.source}
  node dist/cli.js deploy --fleet ${lab.fleetFile} --known-hosts "$(cat ${knownHosts})" --release r2 --source ${two.source}
  curl -i ${lab.url}/

Ctrl-C ends it.`);
const keepAlive = setInterval(() => {}, 60_000);
await interrupted;
clearInterval(keepAlive);
await lab.stop();
