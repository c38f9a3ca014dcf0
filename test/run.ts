import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { installPackages, testPackages } from '../lab/packages.ts';

/** Runs every check and every test, and ends with one line that counts them. A check counts as one test. */

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const checks: readonly (readonly [string, ...string[]])[] = [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '--noEmit'],
  ['knip'],
  ['node', 'test/dist-is-built.ts'],
];

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numFailedTestSuites: z.number(),
});

const run = ([command, ...args]: readonly [string, ...string[]]): Promise<boolean> =>
  new Promise((resolve) => {
    console.log(`\n$ ${[command, ...args].join(' ')}`);
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });

async function runChecks(): Promise<Count> {
  const results: boolean[] = [];
  for (const check of checks) results.push(await run(check));
  return { passed: results.filter(Boolean).length, failed: results.filter((passed) => !passed).length, skipped: 0 };
}

/** One project at a time: the acceptance tests measure, and want the machine for themselves. */
async function runTests(project: string, folder: string): Promise<Count> {
  const file = join(folder, `${project}.json`);
  const passed = await run([
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const report = Report.parse(JSON.parse(text));
  // A file that cannot even be loaded has no failed test of its own, but the run has failed.
  const failed = Math.max(report.numFailedTests, passed ? 0 : 1);
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests };
}

await installPackages(testPackages);
const folder = await mkdtemp(join(tmpdir(), 'fleetflip-test-'));
const counts: Count[] = [await runChecks()];
for (const project of ['unit', 'contract', 'acceptance']) counts.push(await runTests(project, folder));
await rm(folder, { recursive: true });
const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exitCode = sum('failed') === 0 ? 0 : 1;
