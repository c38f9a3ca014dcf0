import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runnerAccess } from '../../../src/balancers/access.ts';
import { writeMapFile } from '../../../src/balancers/haproxy/map-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetflip-map-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function written(content: string, entry: { key: string; value: string }): Promise<string> {
  const map = join(folder, 'live.map');
  await writeFile(map, content);
  expect(await writeMapFile('lb', runnerAccess, { map, ...entry })).toEqual({ ok: true, value: undefined });
  return readFile(map, 'utf8');
}

test('replaces the one entry, and keeps comments and the others', async () => {
  const before = '# pools\nshop shop-blue\nshop-api api-blue\n\nother x\n';
  expect(await written(before, { key: 'shop', value: 'shop-green' })).toBe(
    before.replace('shop shop-blue', 'shop shop-green'),
  );
});

test('adds an entry that is not there', async () => {
  expect(await written('other x\n', { key: 'shop', value: 'shop-green' })).toBe('other x\nshop shop-green\n');
});

test('takes keys and values as they are', async () => {
  const odd = { key: 'a.*\\n$(id)', value: '`id`;&"\'\\t' };
  expect(await written('axn b\n', odd)).toBe(`axn b\n${odd.key} ${odd.value}\n`);
});

test('keeps the mode, follows a link, and leaves nothing else behind', async () => {
  const real = join(folder, 'real.map');
  const link = join(folder, 'link.map');
  await writeFile(real, 'shop shop-blue\n');
  await chmod(real, 0o640);
  await symlink(real, link);
  await writeMapFile('lb', runnerAccess, { map: link, key: 'shop', value: 'shop-green' });
  expect(await readFile(real, 'utf8')).toBe('shop shop-green\n');
  expect((await stat(real)).mode & 0o777).toBe(0o640);
  expect((await readdir(folder)).filter((name) => name.includes('fleetflip'))).toEqual([]);
});

test('a file that is not there is a failure that names it', async () => {
  const map = join(folder, 'none.map');
  expect(await writeMapFile('lb', runnerAccess, { map, key: 'shop', value: 'x' })).toMatchObject({
    ok: false,
    failure: { what: `cannot write the map file ${map}`, where: 'lb' },
  });
});
