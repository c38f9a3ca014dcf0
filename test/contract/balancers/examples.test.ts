import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const examples = fileURLToPath(new URL('../../../examples/haproxy', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetflip-examples-'));
  await cp(examples, folder, { recursive: true });
  await writeFile(join(folder, 'live.map'), 'shop shop-blue\n');
  // `show servers state` of a HAProxy that has none.
  await writeFile(join(folder, 'server-state'), '1\n');
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    await writeFile(join(folder, name), text.replaceAll(/\/(etc|run|var\/lib)\/haproxy\//g, `${folder}/`));
  }
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['pointer-blue-green.cfg', 'pointer-swap.cfg', 'membership.cfg'])(
  'HAProxy takes examples/haproxy/%s without a warning',
  async (file) => {
    const { stdout, stderr } = await promisify(execFile)('haproxy', ['-c', '-f', join(folder, file)]);
    expect(stdout).toContain('Configuration file is valid');
    expect(stderr).not.toMatch(/WARNING|ALERT/);
  },
);
