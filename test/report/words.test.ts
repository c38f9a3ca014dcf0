import { expect, describe as group, it } from 'vitest';
import { budgetBar } from '../../src/report/bar.ts';
import { describe } from '../../src/report/describe.ts';
import { count, duration, size } from '../../src/report/duration.ts';
import { releaseName, serverNames } from '../../src/report/names.ts';

const numbered = (from: number, to: number, width = 0) =>
  Array.from({ length: to - from + 1 }, (_, index) => `web-${String(from + index).padStart(width, '0')}`);

group('words', () => {
  it.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [42.4, '42 ms'],
    [999.6, '1 s'],
    [3_910, '3.91 s'],
    [5_000, '5 s'],
    [9_996, '10 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [3_780_000, '1 h 3 min'],
  ])('says %d ms as %s', (ms, words) => expect(duration(ms)).toBe(words));

  it.each([
    [999, '999 B'],
    [1_000, '1 kB'],
    [100_000, '100 kB'],
    [24_000_000, '24 MB'],
    [1_234_567_890, '1.23 GB'],
  ])('says %d bytes as %s', (bytes, words) => expect(size(bytes)).toBe(words));

  it('groups thousands', () => expect([count(7), count(1_000), count(1_234_567)]).toEqual(['7', '1,000', '1,234,567']));

  it.each([
    [['web-1', 'web-2'], 'web-1, web-2'],
    [numbered(1, 64), 'web-[1-64]'],
    [numbered(8, 12, 2), 'web-[08-12]'],
    [numbered(9, 11), 'web-[9-11]'],
    [['a', 'b', 'c', 'd', 'e', 'f'], 'a, b, c, d and 2 more'],
    [[...numbered(1, 3), 'db', 'x', 'y', ...numbered(7, 9)], 'web-[1-3], db, x, y and 3 more'],
    [['10.0.0.1', '10.0.0.2', '10.0.0.3'], '10.0.0.[1-3]'],
    [[], ''],
  ])('names servers %j', (servers, words) => expect(serverNames(servers)).toBe(words));

  it('shortens commit ids and nothing else that is short', () => {
    expect(releaseName('8c41f0e2d95b3a7c60f18e4d2a9b57c3e1f08d64')).toBe('8c41f0e');
    expect(releaseName('2026-11-20.3')).toBe('2026-11-20.3');
    expect(releaseName('r'.repeat(80))).toHaveLength(40);
  });

  it('tells what a step does', () => {
    expect(describe({ do: 'restart', servers: ['web-1', 'web-2'], slot: 'current' })).toBe('restart web-1, web-2');
    expect(describe({ do: 'stop', servers: ['web-1'], slot: 'blue', afterMs: 600_000 })).toBe(
      'stop blue on web-1 after 10 min',
    );
    expect(describe({ do: 'switch', from: 'b', to: 'a', cutover: true })).toBe('cut over to pool a');
  });
});

group('the bar', () => {
  it('is as full as the budget is spent', () => {
    expect(budgetBar(2_500, 5_000, 8)).toBe('████░░░░');
    expect(budgetBar(5_000, 5_000, 8)).toBe('████████');
  });
  it('shows something for a flip of milliseconds', () => expect(budgetBar(3, 5_000, 8)).toBe('█░░░░░░░'));
  it('marks where the budget ended', () => expect(budgetBar(10_000, 5_000, 8)).toBe('████┃▓▓▓'));
  it.each([5_001, 8_000, 1_000_000])('keeps its width %d ms into it', (ms) =>
    expect(budgetBar(ms, 5_000, 8)).toHaveLength(8),
  );
});
