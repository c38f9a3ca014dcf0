import { lstat, readFile, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stage } from '../../../src/servers/releases/stage.ts';
import { localServer } from '../../support/local-server.ts';
import { readTree, type Tree, temporaryPlace, unwrap, writeTree } from './folders.ts';

const hostile: Tree = {
  'it\'s "quoted"': '1',
  '$(touch pwned)': '2',
  '-rf': '3',
  '*': '4',
  'back\\slash': '5',
  ' space ': '6',
  'ünïcödé/☃/🚀': '7',
  '-dir/--help': '8',
  '`id`;&|<>!': '9',
  '#{a}%s%n': '10',
  [`${'long'.repeat(30)}/${'name'.repeat(40)}`]: '11',
  'link to': ['-rf'],
  '-link': ['ünïcödé/☃'],
};

const ordinary: Tree = {
  'app.py': 'one',
  'bin/run [x]': '#!/bin/sh',
  'static/app.js': 'x'.repeat(5000),
  empty: null,
  current: ['app.py'],
};

describe.each(['rsync', 'scp', 'tar'] as const)('by %s', (transfer) => {
  test('a release arrives as it is, executable bits and links included', async () => {
    await using place = await temporaryPlace({ transfer });
    const server = localServer();
    const shipment = await place.ship('one', ordinary);
    const receipt = unwrap(await stage({ server, config: place.config, id: 'r1', shipment }));
    expect(receipt).toEqual({ transport: transfer, sent: { files: 3, bytes: 5012 }, already: false });
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual(ordinary);
    expect(await readFile(join(place.base, 'releases/r1.manifest'), 'utf8')).toBe(shipment.text);
  });

  test('hostile names are names', async () => {
    await using place = await temporaryPlace({ transfer });
    const shipment = await place.ship('one', hostile);
    unwrap(await stage({ server: localServer(), config: place.config, id: 'r1', shipment }));
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual(hostile);
  });

  test('equal size and equal time are not taken for equal content', async () => {
    await using place = await temporaryPlace({ transfer });
    const server = localServer();
    const modifiedAt = 1_700_000_000;
    const old = await place.ship('old', { 'a.js': 'release 1', same: 'same' }, modifiedAt);
    const next = await place.ship('new', { 'a.js': 'release 2', same: 'same' }, modifiedAt);
    unwrap(await stage({ server, config: place.config, id: 'r1', shipment: old }));
    // SFTP as the port has it does not set times.
    await utimes(join(place.base, 'releases/r1/a.js'), modifiedAt, modifiedAt);
    const receipt = unwrap(await stage({ server, config: place.config, id: 'r2', shipment: next, live: 'r1' }));
    expect(receipt.sent.files).toBe(1);
    expect(await readTree(join(place.base, 'releases/r2'))).toEqual({ 'a.js': 'release 2', same: 'same' });
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual({ 'a.js': 'release 1', same: 'same' });
  });

  test('unchanged files are links to the live release, changed ones leave it as it was', async () => {
    await using place = await temporaryPlace({ transfer });
    const server = localServer();
    const changed: Tree = { ...ordinary, 'static/app.js': 'y'.repeat(5000), 'app.py [x]': 'one' };
    const { 'app.py': _, ...wanted } = changed;
    unwrap(await stage({ server, config: place.config, id: 'r1', shipment: await place.ship('one', ordinary) }));
    const receipt = unwrap(
      await stage({ server, config: place.config, id: 'r2', shipment: await place.ship('two', wanted), live: 'r1' }),
    );
    expect(receipt.sent).toEqual({ files: 2, bytes: 5003 });
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual(ordinary);
    expect(await readTree(join(place.base, 'releases/r2'))).toEqual(wanted);
    expect((await stat(join(place.base, 'releases/r2/bin/run'))).nlink).toBe(2);
    expect((await stat(join(place.base, 'releases/r2/static/app.js'))).nlink).toBe(1);
  });

  test('what happened by hand in the base is not carried over', async () => {
    await using place = await temporaryPlace({ transfer });
    const server = localServer();
    unwrap(await stage({ server, config: place.config, id: 'r1', shipment: await place.ship('one', ordinary) }));
    const base = join(place.base, 'releases/r1');
    await writeFile(join(base, 'app.py'), 'two');
    await unlink(join(base, 'current'));
    await writeTree(base, { '__pycache__/app.pyc': 'old', 'odd\nname': 'x', current: ['bin'], 'empty/not': '1' });
    const shipment = await place.ship('two', { ...ordinary, 'new.txt': 'new' });
    unwrap(await stage({ server, config: place.config, id: 'r2', shipment, live: 'r1' }));
    expect(await readTree(join(place.base, 'releases/r2'))).toEqual({ ...ordinary, 'new.txt': 'new' });
    expect(await readFile(join(base, 'app.py'), 'utf8')).toBe('two');
  });

  test('a file may become a folder, a folder a link, a link a file', async () => {
    await using place = await temporaryPlace({ transfer });
    const server = localServer();
    const before: Tree = { a: 'file', 'b/c': 'in folder', 'b/d/e': 'deep', l: ['a'], keep: 'k' };
    const after: Tree = { 'a/x': 'in folder', b: ['keep'], l: 'file', keep: 'k' };
    unwrap(await stage({ server, config: place.config, id: 'r1', shipment: await place.ship('one', before) }));
    unwrap(
      await stage({ server, config: place.config, id: 'r2', shipment: await place.ship('two', after), live: 'r1' }),
    );
    expect(await readTree(join(place.base, 'releases/r2'))).toEqual(after);
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual(before);
  });

  test('a source that changes during the run is told from a bad transfer', async () => {
    await using place = await temporaryPlace({ transfer });
    const shipment = await place.ship('one', ordinary);
    await writeFile(join(shipment.source, 'app.py'), 'two');
    const result = await stage({ server: localServer(), config: place.config, id: 'r1', shipment });
    expect(result).toMatchObject({ ok: false, failure: { what: 'the source changed during the run: app.py' } });
    await expect(lstat(join(place.base, 'releases/r1'))).rejects.toThrow('ENOENT');
  });

  test('progress is told up to all bytes and files', async () => {
    await using place = await temporaryPlace({ transfer });
    const shipment = await place.ship('one', ordinary);
    const heard: unknown[] = [];
    const staging = { server: localServer(), config: place.config, id: 'r1', shipment };
    unwrap(await stage(staging, (sent, total) => heard.push([sent, total])));
    expect(heard.at(-1)).toEqual([
      { files: 3, bytes: 5012 },
      { files: 3, bytes: 5012 },
    ]);
  });
});

describe('the same id again', () => {
  test('with the same source is found complete', async () => {
    await using place = await temporaryPlace();
    const staging = {
      server: localServer(),
      config: place.config,
      id: 'r1',
      shipment: await place.ship('one', ordinary),
    };
    unwrap(await stage(staging));
    await writeTree(join(place.base, 'releases/r1'), { '__pycache__/app.pyc': 'cache' });
    expect(unwrap(await stage({ ...staging, live: 'r1' }))).toEqual({ sent: { files: 0, bytes: 0 }, already: true });
  });

  test('with another source replaces it', async () => {
    await using place = await temporaryPlace();
    const staging = { server: localServer(), config: place.config, id: 'r1', live: 'r0' };
    unwrap(await stage({ ...staging, shipment: await place.ship('one', ordinary) }));
    unwrap(await stage({ ...staging, shipment: await place.ship('two', { other: 'release' }) }));
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual({ other: 'release' });
  });

  test('with another source is refused where it is live', async () => {
    await using place = await temporaryPlace();
    const staging = { server: localServer('web-1'), config: place.config, id: 'r1', live: 'r1' };
    unwrap(await stage({ ...staging, shipment: await place.ship('one', ordinary) }));
    const result = await stage({ ...staging, shipment: await place.ship('two', { ...ordinary, 'app.py': 'two' }) });
    expect(result).toMatchObject({
      ok: false,
      failure: { what: 'release r1 is live with other content', where: 'web-1', detail: 'app.py' },
    });
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual(ordinary);
  });

  test('is repaired where it was damaged, and not touched where it is live', async () => {
    await using place = await temporaryPlace();
    const staging = {
      server: localServer(),
      config: place.config,
      id: 'r1',
      shipment: await place.ship('one', ordinary),
    };
    unwrap(await stage(staging));
    await rm(join(place.base, 'releases/r1/app.py'));
    expect(await stage({ ...staging, live: 'r1' })).toMatchObject({
      ok: false,
      failure: { what: 'release r1 is live, but its files were changed on the server: app.py' },
    });
    unwrap(await stage(staging));
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual(ordinary);
  });
});

test('what was found right in a damaged release is not taken for granted in the one that replaces it', async () => {
  await using place = await temporaryPlace();
  const server = localServer();
  const shipment = await place.ship('one', { a: 'a', b: 'b', c: 'c' });
  unwrap(await stage({ server, config: place.config, id: 'r0', shipment: await place.ship('zero', { a: 'a' }) }));
  unwrap(await stage({ server, config: place.config, id: 'r1', shipment, live: 'r0' }));
  await rm(join(place.base, 'releases/r1/c'));
  const receipt = unwrap(await stage({ server, config: place.config, id: 'r1', shipment, live: 'r0' }));
  expect(receipt.sent.files).toBe(2);
  expect(await readTree(join(place.base, 'releases/r1'))).toEqual({ a: 'a', b: 'b', c: 'c' });
});

test('shared paths are links into shared/, and stay out of the release', async () => {
  await using place = await temporaryPlace({ shared: ['media', 'config/local.py'] });
  await writeTree(place.base, { 'shared/config/local.py': 'secret' });
  const shipment = await place.ship('one', { ...ordinary, 'media/.gitkeep': '', 'config/app.py': 'c' });
  unwrap(await stage({ server: localServer(), config: place.config, id: 'r1', shipment }));
  const release = join(place.base, 'releases/r1');
  expect(await readTree(release)).toEqual({
    ...ordinary,
    'config/app.py': 'c',
    'config/local.py': ['../../../shared/config/local.py'],
    media: ['../../shared/media'],
  });
  expect(await readFile(join(release, 'config/local.py'), 'utf8')).toBe('secret');
  expect((await stat(join(release, 'media'))).isDirectory()).toBe(true);
  const again = await stage({ server: localServer(), config: place.config, id: 'r2', shipment, live: 'r1' });
  expect(unwrap(again).sent.files).toBe(0);
});
