import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ok } from '../../../src/result.ts';
import type { Server } from '../../../src/servers/port.ts';
import { stage } from '../../../src/servers/releases/stage.ts';
import { localServer } from '../../support/local-server.ts';
import { type Place, readTree, type Tree, temporaryPlace, unwrap, writeTree } from './folders.ts';
import { serverWith } from './tools.ts';

const execute = promisify(execFile);

const release: Tree = {
  'app.py': 'one',
  'static/large.bin': randomBytes(1_500_000).toString('hex'),
  'bin/run [x]': 'run',
  link: ['app.py'],
};

/** A file system of that size for the release folder, for as long as the test runs. */
async function mounted(place: Place, options: string): Promise<AsyncDisposable> {
  await writeTree(place.base, { keep: null });
  await execute('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place.base]);
  return { [Symbol.asyncDispose]: async () => void (await execute('umount', [place.base])) };
}

const withoutDf = (server: Server): Server => ({
  ...server,
  run: (command) => server.run({ ...command, script: command.script.replace('df -Pk', 'false') }),
});

describe.each(['rsync', 'scp', 'tar'] as const)('by %s', (transfer) => {
  test('a transport that is killed in the middle leaves nothing that counts, and staging again repairs it', async () => {
    await using place = await temporaryPlace({ transfer });
    const shipment = await place.ship('one', release);
    const staging = { config: place.config, id: 'r1', shipment };
    const result = await stage({ ...staging, server: breaksOff(localServer('web-1')) });
    expect(result).toMatchObject({ ok: false, failure: { where: 'web-1' } });
    expect(await readdir(join(place.base, 'releases'))).toEqual(['.r1.incoming']);
    unwrap(await stage({ ...staging, server: localServer() }));
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual(release);
    expect(await readdir(join(place.base, 'releases'))).toEqual(['r1', 'r1.manifest']);
  });
});

/** A server whose transports stop after the first 100 kB. */
function breaksOff(server: Server): Server {
  return {
    ...server,
    stream: async (command) => {
      const started = await server.stream(command);
      if (!started.ok) return started;
      const { io, completed } = started.value;
      let written = 0;
      const narrow = new Duplex({
        read: () => void io.resume(),
        write(piece: Buffer, _encoding, done) {
          written += piece.length;
          if (written > 100_000) io.destroy();
          else io.write(piece);
          done();
        },
        final: (done) => void io.end(done),
      });
      io.on('data', (piece) => narrow.push(piece));
      io.on('error', () => {});
      io.on('close', () => narrow.destroy());
      return ok({ io: narrow, completed });
    },
    upload: async (files, onBytes) => {
      const [first] = files;
      if (first) {
        await server.upload([first], onBytes);
        await writeFile(first.to, 'half');
      }
      return { ok: false, failure: { what: 'the connection was lost', where: server.name } };
    },
  };
}

describe('a disk that is full', () => {
  test('is told before anything is sent', async () => {
    await using place = await temporaryPlace();
    await using _mount = await mounted(place, 'size=2m');
    const result = await stage({
      server: localServer(),
      config: place.config,
      id: 'r1',
      shipment: await place.ship('one', release),
    });
    expect(result).toMatchObject({
      ok: false,
      failure: { what: expect.stringMatching(/^the disk .* is full: 29\d\d kB are needed, \d+ kB are free$/) },
    });
  });

  test.each(['rsync', 'tar'] as const)(
    'is told by %s when it fills up on the way, and the half release goes',
    async (transfer) => {
      await using place = await temporaryPlace({ transfer });
      await using _mount = await mounted(place, 'size=2m');
      const shipment = await place.ship('one', release);
      const result = await stage({ server: withoutDf(localServer()), config: place.config, id: 'r1', shipment });
      expect(result).toMatchObject({ ok: false, failure: { what: 'the disk of the release folder is full' } });
      expect(await readdir(join(place.base, 'releases'))).toEqual([]);
    },
  );

  test('is told when not even the manifest has room', async () => {
    await using place = await temporaryPlace();
    await using _mount = await mounted(place, 'size=16k');
    await writeFile(join(place.base, 'filler'), 'x'.repeat(16_384)).catch(() => {});
    const result = await stage({
      server: localServer(),
      config: place.config,
      id: 'r1',
      shipment: await place.ship('one', release),
    });
    expect(result).toMatchObject({ ok: false, failure: { what: 'the disk of the release folder is full' } });
  });
});

test('a read-only file system is told', async () => {
  await using place = await temporaryPlace();
  await using _mount = await mounted(place, 'size=1m,ro');
  const result = await stage({
    server: localServer('web-1'),
    config: place.config,
    id: 'r1',
    shipment: await place.ship('one', release),
  });
  expect(result).toMatchObject({
    ok: false,
    failure: { what: 'the file system of the release folder is read-only', where: 'web-1' },
  });
});

test('a file that vanishes from the source is told', async () => {
  await using place = await temporaryPlace({ transfer: 'tar' });
  const shipment = await place.ship('one', release);
  await rm(join(shipment.source, 'app.py'));
  const result = await stage({ server: localServer(), config: place.config, id: 'r1', shipment });
  expect(result).toMatchObject({ ok: false, failure: { what: expect.stringContaining('app.py') } });
});

describe('a server with few tools', () => {
  const more: Tree = { ...release, 'back\\slash': '1', 'new/-rf': '2', 'static/large.bin': 'changed' };

  test('BusyBox alone is enough', async () => {
    await using place = await temporaryPlace();
    await using busybox = await serverWith({});
    for (const [id, tree] of [
      ['r1', release],
      ['r2', more],
    ] as const) {
      const shipment = await place.ship(id, tree);
      expect(
        unwrap(await stage({ server: busybox.server, config: place.config, id, shipment, live: 'r1' })).transport,
      ).toBe('tar');
      expect(await readTree(join(place.base, 'releases', id))).toEqual(tree);
    }
  });

  test.each(['shasum', 'openssl', 'python3'])('%s hashes where there is no sha256sum', async (tool) => {
    await using place = await temporaryPlace();
    await using few = await serverWith({ without: ['sha256sum', 'busybox'], tools: [tool, 'perl'] });
    const shipment = await place.ship('one', more);
    unwrap(await stage({ server: few.server, config: place.config, id: 'r1', shipment }));
    await writeFile(join(place.base, 'releases/r1/back\\slash'), 'by hand');
    const again = await place.ship('two', { ...more, extra: 'x' });
    expect(
      unwrap(await stage({ server: few.server, config: place.config, id: 'r2', shipment: again, live: 'r1' })).sent
        .files,
    ).toBe(2);
    expect(await readTree(join(place.base, 'releases/r2'))).toEqual({ ...more, extra: 'x' });
  });

  test('without anything to hash with, one line says so', async () => {
    await using place = await temporaryPlace();
    await using few = await serverWith({ without: ['sha256sum', 'busybox'] });
    const result = await stage({
      server: few.server,
      config: place.config,
      id: 'r1',
      shipment: await place.ship('one', release),
    });
    expect(result).toMatchObject({
      ok: false,
      failure: { what: 'the server cannot hash files: sha256sum, busybox, shasum, openssl or python3 is needed' },
    });
  });

  test('without tar and rsync it is SFTP, and without that one line says so', async () => {
    await using place = await temporaryPlace();
    await using few = await serverWith({ without: ['tar'] });
    const shipment = await place.ship('one', release);
    const staging = { config: place.config, id: 'r1', shipment };
    const none: Server = {
      ...few.server,
      upload: async () => ({ ok: false, failure: { what: 'no SFTP', where: 'web-1' } }),
    };
    expect(await stage({ ...staging, server: none })).toMatchObject({
      ok: false,
      failure: { what: 'the server has neither tar nor rsync nor SFTP; one of them is needed' },
    });
    expect(unwrap(await stage({ ...staging, server: few.server })).transport).toBe('scp');
  });

  test('without gzip the archive comes as it is', async () => {
    await using place = await temporaryPlace({ transfer: 'tar' });
    await using few = await serverWith({ without: ['gzip', 'busybox'] });
    const shipment = await place.ship('one', release);
    unwrap(await stage({ server: few.server, config: place.config, id: 'r1', shipment }));
    expect(await readFile(join(place.base, 'releases/r1/bin/run'), 'utf8')).toBe('run');
  });

  test('a transport that is configured and missing is told', async () => {
    await using place = await temporaryPlace({ transfer: 'rsync' });
    await using few = await serverWith({});
    const result = await stage({
      server: few.server,
      config: place.config,
      id: 'r1',
      shipment: await place.ship('one', release),
    });
    expect(result).toMatchObject({ ok: false, failure: { what: 'rsync is missing on the server' } });
  });
});
