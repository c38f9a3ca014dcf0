import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSource } from '../../../src/servers/releases/source.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetflip-source-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = async (path: string, content: string | Buffer, mode = 0o644) => {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), content, { mode });
  await utimes(join(folder, path), 1_700_000_000.5, 1_700_000_000.5);
};

const whatIsWrong = async () => {
  const result = await readSource(folder);
  return result.ok ? 'nothing' : result.failure.what;
};

test('a folder becomes a manifest: hashes, executable bits, links and empty folders', async () => {
  const large = Buffer.alloc(3_000_000, 'large');
  await write('a/large', large);
  await write('run', '#!/bin/sh', 0o700);
  await mkdir(join(folder, 'empty'));
  await symlink('../run', join(folder, 'a/link'));
  await symlink('not-there', join(folder, 'dangling'));
  const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
  expect(await readSource(folder)).toEqual({
    ok: true,
    value: {
      files: [
        { path: 'a/large', sha256: sha256(large), size: 3_000_000, executable: false, modifiedAt: 1_700_000_000 },
        { path: 'run', sha256: sha256('#!/bin/sh'), size: 9, executable: true, modifiedAt: 1_700_000_000 },
      ],
      links: [
        { path: 'a/link', target: '../run' },
        { path: 'dangling', target: 'not-there' },
      ],
      folders: ['a', 'empty'],
      size: { files: 2, bytes: 3_000_009 },
    },
  });
});

test('what lies below a shared path stays out', async () => {
  await write('media/.gitkeep', '');
  await write('config/local.py', 'x');
  await write('config/app.py', 'x');
  const result = await readSource(folder, ['media', 'config/local.py']);
  expect(result.ok && result.value.files.map(({ path }) => path)).toEqual(['config/app.py']);
  expect(result.ok && result.value.folders).toEqual(['config']);
});

describe('refused is', () => {
  test('a folder that is not there', async () => {
    await rm(folder, { recursive: true });
    expect(await whatIsWrong()).toMatch(/^the source cannot be read: ENOENT/);
  });

  test('a folder without files', async () => {
    await mkdir(join(folder, 'only/folders'), { recursive: true });
    expect(await whatIsWrong()).toBe('the source has no files');
  });

  test.each(['new\nline', 'tab\there', '\u001b[31m', '\u007f'])('the name %j', async (name) => {
    await write(name, 'x');
    expect(await whatIsWrong()).toBe(`A file name in the source has a control character: ${JSON.stringify(name)}`);
  });

  test('a name that is not UTF-8', async () => {
    await promisify(execFile)('sh', ['-c', 'touch "$1/$(printf "caf\\351")"', 'sh', folder]);
    expect(await whatIsWrong()).toMatch(/^A file name in the source is not UTF-8/);
  });

  test.each(['/etc/passwd', '../outside', 'a/../../outside', '.hidden/../..'])('a link to %s', async (target) => {
    await write('file', 'x');
    await symlink(target, join(folder, 'link'));
    expect(await whatIsWrong()).toBe(`the link link in the source leads out of it, to ${target}`);
  });

  test('a link that leads out through another link', async () => {
    await mkdir(join(folder, 'sub/deep'), { recursive: true });
    await write('file', 'x');
    await symlink('..', join(folder, 'sub/up'));
    await symlink('up/../', join(folder, 'sub/out'));
    expect(await whatIsWrong()).toBe('the link sub/out in the source leads out of it, to up/../');
  });

  test('a socket', async () => {
    const server = createServer().listen(join(folder, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await whatIsWrong()).toBe('socket in the source is no file, folder or link');
    server.close();
  });

  test('everything at once, all of it named', async () => {
    await write('a\nb', 'x');
    await symlink('/etc', join(folder, 'link'));
    const result = await readSource(folder);
    expect(result.ok ? '' : result.failure.detail?.split('\n')).toHaveLength(1);
  });
});
