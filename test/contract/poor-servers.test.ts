import { existsSync } from 'node:fs';
import { readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bareMachine, type Programs, plainMv } from '../support/bare-machine.ts';
import { startDropbear } from '../support/dropbear.ts';
import { slowLink } from '../support/slow-link.ts';
import { startSshd } from '../support/sshd.ts';
import { answers, type Fleet, type FleetOptions, fleetOf } from './host/fleet.ts';
import { bySupervisord } from './host/supervisord.ts';
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
  ['OpenSSH and BusyBox without some applets', openSsh({ without: ['paste', 'nproc', 'df', 'gzip'] }), 'tar'],
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

const supervised: readonly (readonly [string, FleetOptions['start']])[] = [
  ['OpenSSH, two sessions, no forwarding', () => startSshd({ config: ['MaxSessions 2', ...forwardsNothing] })],
  ['OpenSSH, one session, no forwarding', () => startSshd({ config: ['MaxSessions 1', ...forwardsNothing] })],
  ['Dropbear, no forwarding', dropbear('those of Debian', '-j')],
  [
    'OpenSSH, no forwarding, nothing to reach a socket with but supervisorctl',
    async (defer) => {
      const { bin } = defer.use(await bareMachine({}));
      await symlink('/usr/bin/supervisorctl', join(bin, 'supervisorctl'));
      return startSshd({ environment: { PATH: bin }, config: forwardsNothing });
    },
  ],
];

describe('supervisord behind a server that forwards nothing', () => {
  test.each(supervised)('%s', async (_, start) => {
    await using fleet = await fleetOf({ start, manager: bySupervisord });
    await carriesReleases(fleet, 'tar');
  });
});

describe('what is missing is said in one line, before anything is touched', () => {
  const nothingToAskWith = ['busybox', 'nc'];
  test.each([
    ['one small tool', {}, { without: ['ln'] }, 'the server has no ln'],
    ['several', {}, { without: ['awk', 'readlink'] }, 'the server has no awk, no readlink'],
    [
      'anything to ask instances with',
      { config: forwardsNothing },
      { without: nothingToAskWith },
      'nothing on the server can ask an instance',
    ],
  ])('%s', async (_, options, programs, what) => {
    await using fleet = await fleetOf({ start: openSsh(programs, options) });
    const host = await fleet.host('r1');
    expect(await host.observe()).toMatchObject({ ok: false, failure: { what, where: 'web-1' } });
    expect(existsSync(fleet.base)).toBe(false);
  });

  test.each([
    [
      'anything to hash with',
      {},
      { without: noHash },
      'the server cannot hash files: sha256sum, busybox, shasum, openssl or python3 is needed',
    ],
    [
      'any way to send files',
      { sftp: false },
      { without: ['tar'] },
      'the server has neither tar nor rsync nor SFTP; one of them is needed',
    ],
  ])('%s', async (_, options, programs, what) => {
    await using fleet = await fleetOf({ start: openSsh(programs, options) });
    const host = await fleet.host('r1');
    expectOk(await host.observe());
    expect(await host.stage(undefined, () => {})).toMatchObject({ ok: false, failure: { what, where: 'web-1' } });
    expect(expectOk(await host.observe())).toMatchObject({ releases: [], pointers: {} });
  });
});

/** As far as the other side of the world, through a narrow tunnel. */
const farAway: FleetOptions['through'] = async (port, defer) =>
  defer.use(await slowLink(port, { latencyMs: 150, bytesPerSecond: 64_000 })).port;

describe('a slow link with many instances behind it', () => {
  test.each([
    ['two sessions', ['MaxSessions 2']],
    ['two sessions, no forwarding', ['MaxSessions 2', ...forwardsNothing]],
  ])(
    '%s',
    async (_, config) => {
      await using fleet = await fleetOf({ start: () => startSshd({ config }), through: farAway, instances: 64 });
      await fleet.deploy('r1', undefined);
      // What the next run sees, which knows nothing of the server yet.
      const host = await fleet.reachedAnew();
      const after = expectOk(await host.observe());
      expect(after.instances).toEqual(
        fleet.ports.map((port) => ({ server: 'web-1', port, slot: 'current', ready: true, release: 'r1' })),
      );
      expectOk(await host.stop('current'));
    },
    120_000,
  );
});
