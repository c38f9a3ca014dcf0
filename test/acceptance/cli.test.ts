import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabRelease } from '../../lab/releases.ts';
import { openScene, type Scene } from './stage.ts';

/** The command line as the source builds it now, in a folder of its own. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ff-cli-'));
  await promisify(execFile)('rolldown', ['-c', '--dir', folder]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function fleetflip(words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...environment };
  const child = spawn(process.execPath, [join(folder, 'cli.js'), ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

describe('the command line', () => {
  it('says what it can do', async () => {
    const { code, stdout, stderr } = await fleetflip(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('fleetflip [deploy|plan|rollback|status]');
    expect(stdout).toContain('--source');
    expect(stdout).toContain('FLEETFLIP_SSH_KEY');
  });

  it('refuses with a line per mistake, and touches nothing', async () => {
    const { code, stdout, stderr } = await fleetflip(['deploy', 'plan', '--suorce', 'x', '--ssh-key', 'k']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('--source?');
    expect(stderr).toContain('plan: one command at a time');
    expect(stderr).toContain('set FLEETFLIP_SSH_KEY');
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('nothing was touched');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('refuses a fleet file that is not there', async () => {
    const { code, stderr } = await fleetflip(['status', '--fleet', join(folder, 'nowhere.yml')]);
    expect(code).toBe(1);
    expect(stderr).toContain('nowhere.yml');
  });
});

describe('the command line on a fleet', () => {
  let scene: Scene;
  let live: LabRelease;
  beforeAll(async () => {
    scene = await openScene({ strategy: 'blue-green', by: 'pointer' });
    live = await scene.release('1');
  });
  afterAll(() => scene?.close());

  const on = (command: string, release: LabRelease) => {
    const { ssh, fleetFile, environment } = scene.lab;
    const words = [command, '--fleet', fleetFile, '--known-hosts', ssh.knownHosts];
    const copies = command === 'deploy' || command === 'plan';
    return fleetflip([...words, ...(copies ? ['--source', release.source, '--release', release.id] : [])], {
      ...environment,
      FLEETFLIP_SSH_KEY: ssh.privateKey,
    });
  };

  it('deploys, says what is live, and plans without changing anything', async () => {
    const deployed = await on('deploy', live);
    expect(deployed.code, deployed.stdout + deployed.stderr).toBe(0);

    const next = await scene.release('2', { like: live });
    const planned = await on('plan', next);
    expect(planned.code, planned.stdout + planned.stderr).toBe(0);
    expect(planned.stdout).toContain('cut over to pool');
    expect(planned.stdout).toContain('nothing was changed');

    const status = await on('status', next);
    expect(status.code, status.stdout + status.stderr).toBe(0);
    expect(status.stdout).toMatch(/web-1 \w+: live, 8 of 8 ready, answers as 1111111/);
    expect(status.stdout).not.toContain('2222222');
  });
});
