import { describe, expect, it } from 'vitest';
import { flipChart, runChart } from '../../src/report/chart.ts';
import { type Timeline, timelineOf } from '../../src/report/timeline.ts';
import { courses } from './fixtures/courses.ts';

const of = (name: string): Timeline => timelineOf(courses[name]?.() ?? []);
const rows = (chart: string | undefined) => (chart ?? '').split('\n').filter((line) => / :.*r\d+, /.test(line));

describe('the flip chart', () => {
  it('starts with the first pool change and shows the budget', () => {
    expect(rows(flipChart(of('flipped'), 5_000))[0]).toBe('    budget of 5 s :done, r0, 0, 5000');
    expect(rows(flipChart(of('flipped'), 5_000))[2]).toBe('    4 restart web-1, web-2 :r2, 3, 1915');
  });

  it('draws no bar so short that it cannot be seen', () => {
    expect(rows(flipChart(of('flipped'), 5_000))[1]).toBe('    3 send users to pool b only :r1, 0, 25');
  });

  it('leaves the budget out beside a flip of milliseconds', () => {
    const chart = flipChart(of('blueGreen'), 5_000);
    expect(chart).not.toContain('budget');
    expect(chart).toContain('axisFormat %-L ms');
  });

  it('marks what failed and shows the way back', () => {
    const chart = flipChart(of('rolledBack'), 5_000);
    expect(chart).toContain('4 restart web-1, web-2 :crit, ');
    expect(chart).toContain('section Return\n    1 restart web-1, web-2 on the old release :');
  });

  it('is not there before the flip', () => expect(flipChart(of('staging'), 5_000)).toBeUndefined());

  it('has tens of rows at the most, the longest', () => {
    const step = of('flipped').steps[3];
    const steps = Array.from({ length: 400 }, (_, index) => ({
      ...step,
      id: String(index),
      startedAt: index,
      ms: index,
    }));
    const timeline = {
      ...of('flipped'),
      steps: steps.flatMap((one) => (step === undefined ? [] : { ...step, ...one })),
    };
    expect(rows(runChart(timeline)).length).toBeLessThanOrEqual(30);
    expect(runChart(timeline)).toContain('    399 restart');
  });

  it('lets no title break its syntax', () => {
    const timeline = of('flipped');
    const steps = timeline.steps.map((step) => ({ ...step, title: 'a:b;c#d%%e\n```\n@f"g{h}' }));
    const chart = runChart({ ...timeline, steps }) ?? '';
    for (const row of rows(chart)) expect(row).toMatch(/^ {4}\d a b c d e f g h :r\d+, \d+, \d+$/);
    expect(chart.match(/```/g)).toHaveLength(2);
  });
});
