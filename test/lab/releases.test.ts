import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { releaseMaker } from '../../lab/releases.ts';

const execute = promisify(execFile);

test('a release that is like another has the same names, sizes and times, and other content', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fleetflip-lab-'));
  const make = releaseMaker(dir, { serve: '/bin/true', files: {}, startDelayMs: 0 });
  const one = await make('r1', { files: 5, bytes: 500 });
  const two = await make('r2', { files: 5, bytes: 500, like: one, changed: 2 });
  const quick = await execute('rsync', ['-an', '--itemize-changes', `${one.source}/`, `${two.source}/`]);
  const thorough = await execute('rsync', ['-anc', '--itemize-changes', `${one.source}/`, `${two.source}/`]);
  await rm(dir, { recursive: true });

  const changedFiles = ({ stdout }: { stdout: string }) => stdout.split('\n').filter((line) => line.startsWith('>f'));
  expect(changedFiles(quick)).toEqual([]);
  expect(changedFiles(thorough)).toHaveLength(3);
});
