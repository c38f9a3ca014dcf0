import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ReleaseConfig } from '../src/inputs/config.ts';
import type { Result } from '../src/result.ts';
import { openShipment } from '../src/servers/releases/shipment.ts';
import { readSource } from '../src/servers/releases/source.ts';
import { stage } from '../src/servers/releases/stage.ts';
import { parsePrivateKey } from '../src/servers/ssh/keys.ts';
import { parseKnownHosts } from '../src/servers/ssh/known-hosts.ts';
import { openServers } from '../src/servers/ssh/open.ts';
import { type Sshd, startSshd } from '../test/support/sshd.ts';
import { median } from './figures.ts';

/*
 * Staging, verified, beside `rsync -a -e ssh` to all servers at once, which verifies nothing. Both connect anew each time, and
 * take turns. After a first copy of the release, 3 % of its files change; rsync is then also measured the way that is quickest for
 * it and riskiest: onto the live tree. Prints one JSON line of medians in milliseconds.
 *
 *     node bench/staging.ts [rounds] [servers] [transfer]
 */

const files = 2000;
const bytes = 24_000_000;
const changedShare = 0.03;
const key = 'key';

const execute = promisify(execFile);

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

/** Half like text (shrinks to about a third), half like images (does not shrink). */
function content(size: number, number: number): string | Buffer {
  if (number % 2) return randomBytes(size);
  const words = Array.from({ length: 400 }, () =>
    randomBytes(4)
      .toString('hex')
      .slice(0, 2 + (number % 7)),
  );
  let text = '';
  while (text.length < size) text += `${words[Math.floor(Math.random() * words.length)]} `;
  return text.slice(0, size);
}

async function writeFiles(folder: string, which: (number: number) => boolean): Promise<void> {
  for (let number = 0; number < files; number += 1) {
    if (!which(number)) continue;
    const path = join(folder, `part-${number % 40}`, `file-${number}.${number % 2 ? 'png' : 'js'}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content(bytes / files, number));
  }
}

interface Scene {
  readonly sshd: Sshd;
  readonly folder: string;
  readonly source: string;
  readonly names: readonly string[];
  readonly config: ReleaseConfig;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Our way, from connecting to verified. */
async function staged({ sshd, source, names, config }: Scene, id: string, live?: string): Promise<void> {
  const targets = names.map((name) => ({ name, address: '127.0.0.1', port: sshd.port, user: sshd.user, jump: [] }));
  const credentials = {
    privateKeys: [must(parsePrivateKey(sshd.clientKey))],
    knownHosts: must(parseKnownHosts(sshd.knownHosts)),
  };
  const opening = openServers(targets, credentials);
  const shipment = openShipment(source, must(await readSource(source)));
  const servers = [...(await opening).values()].map(must);
  const of = live === undefined ? {} : { live };
  for (const result of await Promise.all(servers.map((server) => stage({ server, config, id, shipment, ...of }))))
    must(result);
  await Promise.all(servers.map((server) => server.close()));
  await shipment.close();
}

/** What people do: one rsync per server, at once. */
async function synced(
  { sshd, folder, source, names }: Scene,
  to: string,
  extra: readonly string[] = [],
): Promise<void> {
  const options = `-o UserKnownHostsFile=${join(folder, 'known_hosts')} -o IdentitiesOnly=yes`;
  const ssh = `ssh -p ${sshd.port} -i ${join(folder, key)} ${options}`;
  await Promise.all(
    names.map((name) => {
      const target = `${sshd.user}@127.0.0.1:${join(folder, name, to)}/`;
      return execute('rsync', ['-a', '--mkpath', ...extra, '-e', ssh, `${source}/`, target]);
    }),
  );
}

async function main(rounds: number, count: number, transfer: ReleaseConfig['transfer']): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-bench-'));
  const sshd = await startSshd();
  const names = Array.from({ length: count }, (_, number) => `web-${number + 1}`);
  const config: ReleaseConfig = { path: join(folder, '{server}'), transfer, keep: 5, shared: [] };
  const scene: Scene = { sshd, folder, source: join(folder, 'source'), names, config };
  const first: { fleetflip: number[]; rsync: number[] } = { fleetflip: [], rsync: [] };
  const change: { fleetflip: number[]; rsyncLinkDest: number[]; rsyncInPlace: number[] } = {
    fleetflip: [],
    rsyncLinkDest: [],
    rsyncInPlace: [],
  };
  try {
    await writeFile(join(folder, key), sshd.clientKey, { mode: 0o600 });
    await writeFile(join(folder, 'known_hosts'), sshd.knownHosts);
    for (let round = 0; round < rounds; round += 1) {
      await rm(scene.source, { recursive: true, force: true });
      await writeFiles(scene.source, () => true);
      const ours = async () => first.fleetflip.push(await timed(() => staged(scene, 'r1')));
      const theirs = async () => first.rsync.push(await timed(() => synced(scene, 'plain/r1')));
      for (const way of round % 2 ? [ours, theirs] : [theirs, ours]) await way();
      await writeFiles(scene.source, (number) => number % Math.round(1 / changedShare) === round % 2);
      const linked = ['--link-dest=../r1'];
      const ways = [
        async () => change.fleetflip.push(await timed(() => staged(scene, 'r2', 'r1'))),
        async () => change.rsyncLinkDest.push(await timed(() => synced(scene, 'plain/r2', linked))),
        async () => change.rsyncInPlace.push(await timed(() => synced(scene, 'plain/r1'))),
      ];
      // rsync onto the tree has to come after the one that links to it.
      for (const way of round % 2 ? ways : [...ways.slice(1), ...ways.slice(0, 1)]) await way();
      for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
    }
    const medians = (of: Readonly<Record<string, number[]>>) =>
      Object.fromEntries(Object.entries(of).map(([way, values]) => [way, median(values)]));
    console.log(
      JSON.stringify({
        files,
        bytes,
        servers: count,
        rounds,
        transfer,
        firstCopyMs: medians(first),
        changeMs: medians(change),
      }),
    );
  } finally {
    await sshd.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const [rounds = '5', count = '4', transfer = 'auto'] = process.argv.slice(2);
await main(
  Number(rounds),
  Number(count),
  transfer === 'rsync' || transfer === 'scp' || transfer === 'tar' ? transfer : 'auto',
);
