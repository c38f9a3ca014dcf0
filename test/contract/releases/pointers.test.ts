import { mkdir, readdir, readlink, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Server } from '../../../src/servers/port.ts';
import { observeReleases } from '../../../src/servers/releases/observe.ts';
import { markPrevious, pointSlot } from '../../../src/servers/releases/pointers.ts';
import { prune } from '../../../src/servers/releases/prune.ts';
import { stage } from '../../../src/servers/releases/stage.ts';
import { plainMv } from '../../support/bare-machine.ts';
import { localServer } from '../../support/local-server.ts';
import { type Place, temporaryPlace, unwrap, writeTree } from './folders.ts';
import { serverWith } from './tools.ts';

/** Stages releases, the last one the newest. */
async function staged(place: Place, server: Server, ids: readonly string[]): Promise<void> {
  const shipment = await place.ship('source', { 'app.py': 'one' });
  for (const [index, id] of ids.entries()) {
    unwrap(await stage({ server, config: place.config, id, shipment }));
    await utimes(join(place.base, `releases/${id}.manifest`), index, index);
  }
}

test('a server without anything has no releases', async () => {
  await using place = await temporaryPlace();
  const nothing = { releases: [], sizes: {}, pointers: {}, named: [] };
  expect(unwrap(await observeReleases(localServer(), place.config, ['blue']))).toEqual(nothing);
  await mkdir(place.base);
  expect(unwrap(await observeReleases(localServer(), place.config, ['blue']))).toEqual(nothing);
});

test('releases, pointers and the previous release are seen in one round trip; what is half there is not', async () => {
  await using place = await temporaryPlace({ path: '' });
  const config = { ...place.config, path: join(place.folder, '{server}/') };
  const server = localServer('shop');
  await staged({ ...place, config }, server, ['r1', 'r2', 'r3']);
  await writeTree(place.base, {
    'releases/half/app.py': 'x',
    'releases/.r4.incoming/tree/x': 'x',
    'releases/lost.manifest': '#',
  });
  unwrap(await pointSlot(server, config, { slot: 'blue', id: 'r3' }));
  unwrap(await markPrevious(server, config, 'r2'));
  await symlink('/somewhere/else', join(place.base, 'green'));
  let rounds = 0;
  const counting: Server = { ...server, run: (command) => server.run(command).finally(() => (rounds += 1)) };
  const size = { files: 1, bytes: 3 };
  expect(unwrap(await observeReleases(counting, config, ['blue', 'green']))).toEqual({
    releases: ['r3', 'r2', 'r1'],
    sizes: { r1: size, r2: size, r3: size },
    pointers: { blue: 'r3' },
    previous: 'r2',
    named: ['r3', 'r2'],
  });
  expect(rounds).toBe(1);
});

/** Takes a link away before it makes the new one, as they all do, and its time in between. */
const slowLn = 'case $1 in -*f*) for last; do :; done; rm -f "$last"; sleep 0.1 ;; esac\nexec busybox ln "$@"\n';

describe.each([
  ['GNU’s mv', undefined],
  ['BusyBox’s mv', {}],
  ['a mv that has nothing beyond POSIX', { scripts: { mv: plainMv, ln: slowLn } }],
] as const)('a pointer set by %s', (_, programs) => {
  const open = async () =>
    programs === undefined ? { server: localServer(), [Symbol.asyncDispose]: async () => {} } : serverWith(programs);

  test('is replaced, never moved into the folder it leads to, and never missing on the way', async () => {
    await using place = await temporaryPlace();
    await using machine = await open();
    await staged(place, localServer(), ['r1', 'r2']);
    const pointer = join(place.base, 'current');
    unwrap(await pointSlot(machine.server, place.config, { slot: 'current', id: 'r1' }));
    const seen = new Set<string>();
    let over = false;
    const watching = (async () => {
      while (!over) seen.add(await readlink(pointer).catch(() => 'missing'));
    })();
    for (const id of ['r2', 'r1', 'r2']) {
      unwrap(await pointSlot(machine.server, place.config, { slot: 'current', id }));
      expect(await readlink(pointer)).toBe(`releases/${id}`);
    }
    over = true;
    await watching;
    expect([...seen].sort()).toEqual(['releases/r1', 'releases/r2']);
    expect(await readdir(join(place.base, 'releases/r2'))).toEqual(['app.py']);
    expect(await readdir(place.base)).toEqual(['current', 'releases']);
  });
});

test('a pointer is not set to a release that is not complete, nor in place of a folder', async () => {
  await using place = await temporaryPlace();
  const server = localServer('web-1');
  await staged(place, server, ['r1']);
  await writeTree(place.base, { 'releases/half/app.py': 'x', 'green/file': 'x' });
  expect(await pointSlot(server, place.config, { slot: 'blue', id: 'half' })).toMatchObject({
    ok: false,
    failure: { where: 'web-1', detail: 'release half is not complete on this server' },
  });
  expect(await pointSlot(server, place.config, { slot: 'green', id: 'r1' })).toMatchObject({
    ok: false,
    failure: { detail: expect.stringContaining('green is not a link') },
  });
  expect(await readdir(join(place.base, 'green'))).toEqual(['file']);
});

test('old releases go; the newest, the protected and those that a link names stay', async () => {
  await using place = await temporaryPlace({ keep: 4 });
  const server = localServer();
  await staged(place, server, ['r1', 'r2', 'r3', 'r4', 'r5', 'r6']);
  await writeTree(place.base, { 'releases/.r9.incoming/tree/x': 'x' });
  unwrap(await pointSlot(server, place.config, { slot: 'blue', id: 'r1' }));
  await symlink(join(place.base, 'releases/r2'), join(place.base, 'by-hand'));
  expect(unwrap(await prune(server, place.config, ['r3']))).toEqual(['r5', 'r4']);
  expect(unwrap(await observeReleases(server, place.config, [])).releases).toEqual(['r6', 'r3', 'r2', 'r1']);
  expect(await readdir(join(place.base, 'releases'))).toHaveLength(8);
});

test('a release that got a pointer after the decision stays', async () => {
  await using place = await temporaryPlace({ keep: 1 });
  const server = localServer();
  await staged(place, server, ['r1', 'r2', 'r3']);
  let first = true;
  const meanwhile: Server = {
    ...server,
    run: async (command) => {
      if (!first) await pointSlot(server, place.config, { slot: 'blue', id: 'r1' });
      first = false;
      return server.run(command);
    },
  };
  expect(unwrap(await prune(meanwhile, place.config, []))).toEqual(['r2']);
});
