import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startLab } from '../../../lab/lab.ts';
import { namespacesAllowed } from '../../../lab/network.ts';
import { environmentOf, processTable } from '../../../lab/process-table.ts';
import type { Traffic } from '../../../lab/traffic.ts';
import { answersAs, placeRelease, startSlot } from './by-hand.ts';

const execute = promisify(execFile);

test('a lab of namespaces serves a release to users, and leaves nothing behind', async ({ skip }) => {
  skip(!(await namespacesAllowed()), 'network namespaces need root');
  const dir = await mkdtemp(join(tmpdir(), 'fleetflip-lab-'));
  const lab = await startLab({ dir, servers: 2, instances: 2, strategy: 'blue-green' });
  onTestFinished(lab.stop);
  const namespaces = await namespacesOf(lab.servers.map((server) => server.enter.at(-1) ?? ''));
  const release = await lab.makeRelease('r1');
  for (const server of lab.servers) await placeRelease(server, release, 'blue');
  await Promise.all(lab.servers.map((server) => startSlot(server, { slot: 'blue', firstPort: 8001, release: 'r1' })));
  await answersAs(lab.url, 'r1');
  const kept = await answersOf(lab.startTraffic({ keepAlive: 1, closing: 0, thinkMs: 1 }));
  const closed = await answersOf(lab.startTraffic({ keepAlive: 0, closing: 1, thinkMs: 1 }));
  await lab.stop();

  expect(namespaces).toHaveLength(2);
  expect(kept).toEqual(['200 r1 kept']);
  expect(closed).toEqual(['200 r1 closed']);
  await expectNothingLeft(dir, namespaces);
});

test('a lab on loopback addresses serves a release to users, and leaves nothing behind', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fleetflip-lab-'));
  const lab = await startLab({ dir, mode: 'loopback', servers: 2, instances: 1, strategy: 'swap', balancers: 2 });
  onTestFinished(lab.stop);
  const release = await lab.makeRelease('r1');
  for (const server of lab.servers) await placeRelease(server, release, 'current');
  await Promise.all(
    lab.servers.map((server) => startSlot(server, { slot: 'current', firstPort: 8001, release: 'r1' })),
  );
  // Through both balancers; it fails when one of them never does.
  await Promise.all(lab.balancers.map(({ url }) => answersAs(url, 'r1')));
  await lab.stop();

  await expectNothingLeft(dir, []);
});

async function answersOf(traffic: Traffic): Promise<string[]> {
  expect(await traffic.answered).toBe(true);
  const records = await traffic.stop();
  return [
    ...new Set(records.map(({ status, release, closing }) => `${status} ${release} ${closing ? 'closed' : 'kept'}`)),
  ];
}

async function namespacesOf(names: readonly string[]): Promise<string[]> {
  const { stdout } = await execute('ip', ['netns', 'list']);
  return names.filter((name) => stdout.includes(name));
}

async function expectNothingLeft(dir: string, namespaces: readonly string[]): Promise<void> {
  const mark = `FLEETFLIP_LAB=${dir}`;
  expect(processTable().filter(({ pid }) => environmentOf(pid).includes(mark))).toEqual([]);
  expect(await namespacesOf(namespaces)).toEqual([]);
  const { stdout } = await execute('ip', ['-brief', 'link']);
  for (const name of namespaces) expect(stdout).not.toContain(name.split('-')[0]);
  expect(await readdir(dir)).toContain('fleet.yml');
  await rm(dir, { recursive: true });
}
