import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bestMode } from '../../lab/arguments.ts';
import type { LabOptions } from '../../lab/options.ts';
import type { LabRelease } from '../../lab/releases.ts';
import { openScene, type Scene, unharmed } from '../acceptance/stage.ts';

const mode = await bestMode();

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const childrenOf = (pid: string): string[] => {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean);
  return children.flatMap((child) => [child, ...childrenOf(child)]);
};

/** Ends every SSH connection to a host of the lab; its daemon lets new ones in. */
function cutConnections(dir: string, host: string): number {
  const config = join(dir, 'hosts', host, 'sshd_config');
  const isDaemon = (pid: string) => /^\d+$/.test(pid) && read(`/proc/${pid}/cmdline`).includes(config);
  const sessions = readdirSync('/proc').filter(isDaemon).flatMap(childrenOf);
  for (const pid of sessions.map(Number)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with the one before it.
    }
  }
  return sessions.length;
}

const ways: readonly (Partial<LabOptions> & { strategy: 'blue-green' | 'swap' })[] = [
  { strategy: 'blue-green', by: 'pointer' },
  { strategy: 'swap', by: 'pointer' },
  { strategy: 'swap', by: 'membership' },
];

const cuts = [
  ['lb-1', /▸ restart/],
  ['lb-1', /▸ wait for/],
  ['web-1', /▸ restart/],
  ['web-1', /⚡ cutover/],
  ['lb-1', /⚡ cutover/],
] as const;

// The embedded lab has one process for all its hosts, and no sessions to end one by one.
describe.skipIf(mode === 'embedded').each(ways)('$strategy by $by, an SSH connection lost in the middle', (options) => {
  let scene: Scene;
  let live: LabRelease;
  let turn = 0;
  beforeAll(async () => {
    scene = await openScene({ ...options, startDelayMs: 200 });
    live = await scene.release('1');
    const started = await scene.quietly(live);
    expect(started.outputs['result'], started.log).toBe('flipped');
  });
  afterAll(() => scene?.close());

  it.each(cuts)(
    'to %s at %s: the fleet is whole again on one release by itself, and users noticed nothing',
    async (host, moment) => {
      const next = await scene.release('23456789'[turn++] ?? '0', { like: live });
      let log = '';
      let cut = 0;
      const { result, users } = await scene.watched(next, {
        onOutput: (text) => {
          log += text;
          if (cut === 0 && moment.test(log)) cut = cutConnections(scene.lab.dir, host);
        },
      });
      expect(cut).toBeGreaterThan(0);
      expect(['flipped', 'rolled-back', 'failed'], result.log).toContain(result.outputs['result']);
      expect(users).toMatchObject({ failed: unharmed.failed, samples: [] });
      const status = await scene.quietly(next, { inputs: { command: 'status', source: '', release: '' } });
      const answering = result.outputs['result'] === 'flipped' ? next : live;
      expect(status.outputs['release'], result.log).toBe(answering.id);
      if (options.strategy === 'swap') expect(status.log).not.toMatch(/idle|[0-7] of 8 ready/);
      live = answering;
    },
  );
});
