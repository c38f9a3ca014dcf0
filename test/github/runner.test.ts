import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { annotate, outputsOf, writeOutputs } from '../../src/github/runner.ts';
import { createSummary } from '../../src/github/summary.ts';
import type { Conclusion } from '../../src/report/events.ts';
import { courses } from '../report/fixtures/courses.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetflip-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

function conclusionOf(course: string): Conclusion {
  const last = courses[course]?.().at(-1);
  if (last?.type !== 'finished') throw new Error(`${course} does not finish`);
  return last.conclusion;
}

it('gives every output, and no figure that was not measured', () => {
  const outputs = outputsOf(conclusionOf('flipped'), { planHash: 'c0ffee', timeline: 'timeline.json' });
  expect(outputs).toMatchObject({
    result: 'flipped',
    'flip-ms': '3796',
    'within-budget': 'true',
    'mixed-ms': '0',
    url: '',
  });
  const { flipMs, cutoverMs, witness, ...planned } = conclusionOf('flipped');
  expect(outputsOf({ ...planned, result: 'planned' }, {})).toMatchObject({
    'flip-ms': '',
    'within-budget': '',
    'failed-requests': '',
  });
});

it('writes outputs where the runner reads them', async () => {
  const path = join(folder, 'output');
  await writeFile(path, '');
  vi.stubEnv('GITHUB_OUTPUT', path);
  writeOutputs({ result: 'flipped', 'flip-ms': '3796' });
  expect(await readFile(path, 'utf8')).toMatch(/^result<<(\S+)\nflipped\n\1\nflip-ms<<(\S+)\n3796\n\2\n$/);
});

it('writes the summary, and says so when it cannot', async () => {
  const path = join(folder, 'summary');
  await writeFile(path, 'what was there');
  vi.stubEnv('GITHUB_STEP_SUMMARY', path);
  const notices: string[] = [];
  const setting = { environment: 'production', budgetMs: 5_000 };
  const summary = () => createSummary({ setting, redact: (text) => text, notice: (line) => notices.push(line) });
  const reporter = summary();
  for (const event of courses['flipped']?.() ?? []) reporter.report(event);
  await reporter.settle(1_000);
  expect(await readFile(path, 'utf8')).toContain('### ✅ production: 8c41f0e is live');
  expect(notices).toEqual([]);
  await rm(folder, { recursive: true });
  await expect(summary().settle(1_000)).resolves.toBeUndefined();
  expect(notices).toEqual([expect.stringContaining('The job summary was not written')]);
});

it('annotates at most ten times, failures first, without secrets and without commands', () => {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  const failures = Array.from({ length: 4 }, (_, index) => ({
    what: `failure ${index} s3cret`,
    detail: 'x\n::set-env::y',
  }));
  const warnings = Array.from({ length: 20 }, () => ({ what: 'late' }));
  annotate({ ...conclusionOf('flipped'), failures, warnings }, (text) => text.replaceAll('s3cret', '***'));
  vi.restoreAllMocks();
  const lines = written
    .join('')
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.map((line) => line.slice(0, 8))).toEqual([...Array(4).fill('::error '), ...Array(6).fill('::warnin')]);
  expect(lines[0]).toBe('::error title=Fleetflip::failure 0 ***%0Ax%0A::set-env::y');
});
