import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { compile } from '../../../lab/native.ts';
import { type Application, type ReleaseOptions, releaseMaker } from '../../../lab/releases.ts';
import { freePort } from '../../support/sshd.ts';
import { answersAs } from './by-hand.ts';

const tornado = join(import.meta.dirname, '../../../lab/tornado');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetflip-instance-'));
});
afterAll(() => rm(folder, { recursive: true }));

const applications: Readonly<Record<string, () => Promise<Application>>> = {
  native: async () => ({ serve: await compile('instance', folder), files: {}, startDelayMs: 0 }),
  tornado: async () => ({
    serve: join(tornado, 'serve'),
    files: { 'app.py': join(tornado, 'app.py') },
    startDelayMs: 0,
  }),
};

describe.each(Object.keys(applications))('the %s application', (name) => {
  async function start(id: string, options: ReleaseOptions = {}) {
    const application = await applications[name]?.();
    if (!application) throw new Error(`no application ${name}`);
    const release = await releaseMaker(join(folder, name), application)(id, options);
    const port = await freePort();
    const child = spawn(join(release.source, 'bin/serve'), [String(port), '127.0.0.1'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const errors = text(child.stderr);
    const exit = once(child, 'exit');
    onTestFinished(() => void child.kill('SIGKILL'));
    return { child, exit, errors, url: `http://127.0.0.1:${port}` };
  }

  test('answers with its release, in the header and in the body', async () => {
    const { url } = await start('r1');
    await answersAs(`${url}/healthz`, 'r1');
    const response = await fetch(url);
    expect([response.status, response.headers.get('x-release'), await response.text()]).toEqual([200, 'r1', 'r1\n']);
  });

  test('finishes what it has when it is told to stop, and accepts nothing new', async () => {
    const { url, child, exit } = await start('r2');
    await answersAs(`${url}/healthz`, 'r2');
    const slow = fetch(`${url}/slow?ms=400`).then((response) => response.text());
    while ((await (await fetch(`${url}/busy`)).text()) !== '1\n') await new Promise(setImmediate);
    child.kill('SIGTERM');
    expect(await slow).toBe('r2\n');
    expect(await exit).toEqual([0, null]);
    await expect(fetch(url)).rejects.toThrow();
  });

  test('answers 500 where its release is sick', async () => {
    const { url } = await start('r3', { sick: true });
    await answersAs(`${url}/healthz`, 'r3');
    expect((await fetch(`${url}/healthz`)).status).toBe(500);
  });

  test('ends at once where its release is broken', async () => {
    const { exit, errors } = await start('r4', { broken: true });
    expect(await errors).toContain('release r4 is broken');
    expect(await exit).toEqual([1, null]);
  });
});
