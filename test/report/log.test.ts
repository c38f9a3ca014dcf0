import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/report/log.ts';
import { createRecording } from '../../src/report/recording.ts';
import { courses } from './fixtures/courses.ts';

function linesOf(name: string, grouped: boolean, redact = (text: string) => text): string[] {
  const lines: string[] = [];
  const neutralise = (line: string) => line.replaceAll('::', ': :');
  const log = createLog({ write: (line) => lines.push(line), grouped, budgetMs: 5_000, redact, neutralise });
  for (const event of courses[name]?.() ?? []) log.report(event);
  return lines;
}

describe('the log', () => {
  it('folds phases in the runner and closes each group once', () => {
    const lines = linesOf('rolledBack', true);
    expect(lines.filter((line) => line.startsWith('::group::'))).toHaveLength(3);
    expect(lines.filter((line) => line === '::endgroup::')).toHaveLength(3);
    expect(lines.indexOf(lines.findLast((line) => line === '::endgroup::') ?? '')).toBeLessThan(
      lines.findIndex((line) => line.startsWith('↩️')),
    );
  });

  it('writes no runner command in a terminal', () => {
    expect(linesOf('flipped', false).join('\n')).not.toContain('::');
  });

  it('tells each step with its time, the cutover and the end', () => {
    const text = linesOf('flipped', false).join('\n');
    expect(text).toContain('✓ restart web-1, web-2, 1.91 s');
    expect(text).toContain('⚡ cutover in 4 ms: users are answered by 8c41f0e');
    expect(text).toContain('3.8 s of 5 s (76 %)');
    expect(text).toContain('witness:  2,184 requests, 0 failed, 0 mixed');
  });

  it('says of a rollback where it goes, which is known from its plan', () => {
    const lines: string[] = [];
    const same = (text: string) => text;
    const log = createLog({
      write: (line) => lines.push(line),
      grouped: false,
      budgetMs: 5_000,
      redact: same,
      neutralise: same,
    });
    const [start, ...others] = courses['flipped']?.() ?? [];
    if (start?.type === 'started') log.report({ ...start, command: 'rollback', release: 'the commit of the run' });
    for (const event of others) log.report(event);
    expect(lines[0]).toBe('rollback');
    expect(lines.join('\n')).toContain('users are answered by 8c41f0e');
    expect(lines.join('\n')).not.toContain('the commit of the run');
  });

  it('shows the failing server in its own words, without secrets', () => {
    const lines = linesOf('rolledBack', true, (text) => text.replaceAll('orjson', '***'));
    expect(lines.some((line) => line.includes('✗ web-2'))).toBe(true);
    expect(lines.join('\n')).toContain("No module named '***'");
    expect(lines.join('\n')).not.toContain('orjson');
  });
});

describe('timeline.json', () => {
  it('is the stream, with the last word of each transfer', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fleetflip-'));
    const path = join(folder, 'below', 'timeline.json');
    const events = courses['flipped']?.() ?? [];
    const recording = createRecording({ path, redact: (text) => text, warn: expect.unreachable });
    for (const event of events) recording.report(event);
    recording.report({ type: 'transfer-progress', server: 'web-1', bytes: 2, totalBytes: 2, files: 1, at: 99_999 });
    await recording.settle(1_000);
    const read = JSON.parse(await readFile(path, 'utf8'));
    expect(read.version).toBe(1);
    expect(read.events).toHaveLength(events.length);
    expect(read.events.at(-1)).toMatchObject({ type: 'transfer-progress', bytes: 2 });
    await rm(folder, { recursive: true });
  });

  it('says so when it cannot be written', async () => {
    const warnings: string[] = [];
    const recording = createRecording({
      path: '/dev/null/timeline.json',
      redact: (text) => text,
      warn: (line) => warnings.push(line),
    });
    await recording.settle(1_000);
    expect(warnings).toHaveLength(1);
  });
});
