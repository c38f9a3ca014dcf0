import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bareMachine, type Programs, plainMv } from '../support/bare-machine.ts';
import { startDropbear } from '../support/dropbear.ts';
import { startSshd } from '../support/sshd.ts';
import { answers, type Fleet, type FleetOptions, fleetOf } from './host/fleet.ts';
import { expectOk } from './server.contract.ts';

const forwardsNothing = ['AllowTcpForwarding no', 'AllowStreamLocalForwarding no'];

/** OpenSSH on a machine with BusyBox, and with whatever else is named. */
const openSsh =
  (programs: Programs, options: { config?: readonly string[]; sftp?: boolean } = {}): FleetOptions['start'] =>
  async (defer) => {
    const { bin } = defer.use(await bareMachine(programs));
    return startSshd({ bin, ...options });
  };

const dropbear =
  (programs: Programs | 'those of Debian', ...args: readonly string[]): FleetOptions['start'] =>
  async (defer) => {
    if (programs === 'those of Debian') return startDropbear({ args });
    const { bin } = defer.use(await bareMachine(programs));
    return startDropbear({ bin, args });
  };

const noHash = ['busybox', 'sha256sum'];

const poor: readonly (readonly [string, FleetOptions['start'], string])[] = [
  ['OpenSSH and BusyBox', openSsh({}), 'tar'],
  ['OpenSSH and BusyBox without sha256sum, but openssl', openSsh({ without: noHash, tools: ['openssl'] }), 'tar'],
  ['OpenSSH and BusyBox with a plain mv', openSsh({ scripts: { mv: plainMv } }), 'tar'],
  ['OpenSSH and BusyBox without tar', openSsh({ without: ['tar'] }), 'scp'],
  [
    'OpenSSH and BusyBox, two sessions, no forwarding',
    openSsh({}, { config: ['MaxSessions 2', ...forwardsNothing] }),
    'tar',
  ],
  ['Dropbear and the programs of Debian', dropbear('those of Debian'), 'tar'],
  ['Dropbear and BusyBox', dropbear({}), 'tar'],
  ['Dropbear and BusyBox, no forwarding', dropbear({}, '-j'), 'tar'],
];

/** Two releases over nothing, a third over them, and the end: as users, the file system and the host itself see it. */
async function carriesReleases(fleet: Fleet, transport: string): Promise<void> {
  const { base, ports } = fleet;
  for (const [id, live] of [['r1'], ['r2', 'r1'], ['r3', 'r2']] as const) {
    const before = expectOk(await (await fleet.host(id)).observe());
    expect(before.pointers).toEqual(live ? { current: live } : {});
    expect(before.instances).toEqual(ports.map((port) => expect.objectContaining({ port, ready: live !== undefined })));
    expect(await fleet.deploy(id, live)).toMatch(new RegExp(` by ${transport}$`));
    expect(await Promise.all(ports.map(answers))).toEqual(ports.map(() => id));
    expect(await readlink(join(base, 'current'))).toBe(`releases/${id}`);
    const after = expectOk(await (await fleet.host(id)).observe());
    expect(after).toMatchObject({ releases: expect.arrayContaining([id]), pointers: { current: id } });
    expect(after.instances).toEqual(
      ports.map((port) => ({ server: 'web-1', port, slot: 'current', ready: true, release: id })),
    );
  }
  expect(await readdir(join(base, 'releases'))).toEqual(['r1', 'r2', 'r3'].flatMap((id) => [id, `${id}.manifest`]));
  const host = await fleet.host('r3');
  expect(expectOk(await host.prune('r3', 'r2'))).toBe('1 removed');
  expect(await readdir(join(base, 'releases'))).toEqual(['r2', 'r3'].flatMap((id) => [id, `${id}.manifest`]));
  expect(expectOk(await host.observe())).toMatchObject({ previous: 'r2' });
  expectOk(await host.stop('current'));
  expect(await Promise.all(ports.map(answers))).toEqual(ports.map(() => 'nobody'));
}

describe('a poor server carries release after release', () => {
  test.each(poor)('%s', async (_, start, transport) => {
    await using fleet = await fleetOf({ start });
    await carriesReleases(fleet, transport);
  });
});
