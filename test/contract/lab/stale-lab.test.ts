import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startLab } from '../../../lab/lab.ts';
import { environmentOf, processTable } from '../../../lab/process-table.ts';

const daemonsOf = (dir: string) =>
  processTable().filter(({ pid }) => environmentOf(pid).includes(`FLEETFLIP_LAB=${dir}`));

test('what a killed lab left running is ended when the next one starts', async () => {
  const [killed, next] = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), 'fleetflip-lab-'))));
  if (killed === undefined || next === undefined) throw new Error('no folders');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/crashing-lab.ts'), killed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = daemonsOf(killed).length;

  const lab = await startLab({ dir: next, mode: 'loopback', servers: 1, instances: 1 });
  const leftAfterwards = daemonsOf(killed).length;
  await lab.stop();
  await Promise.all([killed, next].map((dir) => rm(dir, { recursive: true })));

  expect(left).toBeGreaterThan(0);
  expect(leftAfterwards).toBe(0);
});
