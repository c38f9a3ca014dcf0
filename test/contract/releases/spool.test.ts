import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { fileHeader } from '../../../src/servers/releases/archive.ts';
import type { Shipment } from '../../../src/servers/releases/shipment.ts';
import { readTree, type Tree, temporaryPlace, writeTree } from './folders.ts';

const execute = promisify(execFile);

const tree: Tree = {
  [`${'deep/'.repeat(30)}${'long'.repeat(50)}`]: 'long name',
  [`${'é'.repeat(50)}`]: 'exactly 102 bytes with ./',
  [`${'n'.repeat(98)}`]: 'exactly 100 bytes with ./',
  'run [x]': 'x',
  empty: '',
  block: 'b'.repeat(512),
  large: 'large '.repeat(200_000),
  ...Object.fromEntries(
    Array.from({ length: 200 }, (_, number) => [`part/${number}.js`, `content ${number}`.repeat(300)]),
  ),
};

const archiveOf = async (shipment: Shipment, gzip: boolean): Promise<Buffer> =>
  buffer((await shipment.archive(shipment.manifest.files, gzip)).read(() => {}));

describe.each([
  ['GNU tar', ['tar']],
  ['BusyBox tar', ['busybox', 'tar']],
])('%s reads the archive', (_, [program = '', ...first]) => {
  test.each([true, false])('compressed: %s', async (gzip) => {
    await using place = await temporaryPlace();
    const shipment = await place.ship('one', tree);
    const path = join(place.folder, 'archive');
    await writeFile(path, await archiveOf(shipment, gzip));
    await writeTree(place.folder, { out: null });
    await execute(program, [...first, gzip ? '-xzf' : '-xf', path, '-C', join(place.folder, 'out')]);
    expect(await readTree(join(place.folder, 'out'))).toEqual(tree);
  });
});

test('servers that need the same files share one archive; who comes late reads what has left memory from the file', async () => {
  await using place = await temporaryPlace();
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, number) => [`${number}`, 'x'.repeat(250_000)]));
  const shipment = await place.ship('one', many);
  const first = await archiveOf(shipment, true);
  await writeFile(join(shipment.source, '0'), 'y'.repeat(250_000));
  expect((await archiveOf(shipment, true)).equals(first)).toBe(true);
  expect((await archiveOf(shipment, false)).equals(first)).toBe(false);
});

test('what does not shrink is only wrapped, what does is compressed', async () => {
  await using place = await temporaryPlace();
  const { stdout: noise } = await execute('head', ['-c', '200000', '/dev/urandom'], { encoding: 'latin1' });
  const shipment = await place.ship('one', { 'a.js': 'text '.repeat(40_000) });
  await writeFile(join(shipment.source, 'a.js'), 'text '.repeat(40_000));
  expect((await archiveOf(shipment, true)).length).toBeLessThan(10_000);
  const images = await place.ship('two', { 'a.png': noise });
  expect((await archiveOf(images, true)).length).toBeGreaterThan(
    (await readFile(join(images.source, 'a.png'))).length * 0.6,
  );
});

test('a size beyond 8 GiB is written as GNU tar does', async () => {
  const size = 20 * 1024 ** 3;
  const header = fileHeader({ path: 'huge', sha256: '', size, executable: false, modifiedAt: 1_700_000_000 });
  await using place = await temporaryPlace();
  const path = join(place.folder, 'archive');
  await writeFile(path, header);
  const { stdout } = await execute('tar', ['--utc', '-tvf', path]).catch((error: { stdout: string }) => error);
  expect(stdout).toMatch(/ 21474836480 2023-11-14 22:13 \.\/huge$/m);
});
