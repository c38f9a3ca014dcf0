import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collectAssets } from '../../src/cdn/assets.ts';

let base: string;
let folder: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'cdn-assets-'));
  folder = join(base, 'build');
  await mkdir(join(folder, 'deep', 'er'), { recursive: true });
});

afterEach(() => rm(base, { recursive: true }));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('finds every file with its size and hash, sorted, hidden ones too', async () => {
  await writeFile(join(folder, 'deep', 'er', 'z.js'), 'zett');
  await writeFile(join(folder, '.well-known'), '');
  await writeFile(join(folder, 'a b.css'), 'a{}');
  expect(await collectAssets(folder)).toEqual({
    ok: true,
    value: [
      { key: '.well-known', path: join(folder, '.well-known'), size: 0, sha256: sha256('') },
      { key: 'a b.css', path: join(folder, 'a b.css'), size: 3, sha256: sha256('a{}') },
      { key: 'deep/er/z.js', path: join(folder, 'deep', 'er', 'z.js'), size: 4, sha256: sha256('zett') },
    ],
  });
});

test('a relative folder gives absolute paths', async () => {
  await writeFile(join(folder, 'a'), 'a');
  const relative = join(process.cwd().replace(/[^/]+/g, '..').slice(1), folder);
  expect(await collectAssets(relative)).toMatchObject({ value: [{ key: 'a', path: join(folder, 'a') }] });
});

test('an empty folder and a missing one are refused', async () => {
  expect(await collectAssets(folder)).toMatchObject({
    failure: { what: 'the folder of the CDN upload holds no file' },
  });
  expect(await collectAssets(join(base, 'nowhere'))).toMatchObject({
    failure: { what: expect.stringContaining('cannot be read: ENOENT'), where: join(base, 'nowhere') },
  });
});

test('a link to a file inside is that file', async () => {
  await writeFile(join(folder, 'a'), 'aa');
  await symlink('../a', join(folder, 'deep', 'b'));
  expect(await collectAssets(folder)).toMatchObject({
    value: [{ key: 'a' }, { key: 'deep/b', sha256: sha256('aa'), size: 2 }],
  });
});

test.each(['../secret', '/etc/passwd', 'deep', 'nowhere', '../build-too/x'])(
  'a link to %s is refused',
  async (target) => {
    await writeFile(join(base, 'secret'), 'secret');
    await mkdir(join(base, 'build-too'));
    await writeFile(join(base, 'build-too', 'x'), 'secret');
    await symlink(target, join(folder, 'link'));
    expect(await collectAssets(folder)).toMatchObject({
      failure: { what: 'link is neither a file nor a link to a file inside the folder', where: folder },
    });
  },
);

test('the folder itself may be a link', async () => {
  await writeFile(join(folder, 'a'), 'aa');
  await symlink(folder, join(base, 'current'));
  expect(await collectAssets(join(base, 'current'))).toMatchObject({ value: [{ key: 'a' }] });
});

test('what is no file is refused, and never waited for', async () => {
  await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
  expect(await collectAssets(folder)).toMatchObject({
    failure: { what: 'pipe is neither a file nor a link to a file inside the folder' },
  });
});
