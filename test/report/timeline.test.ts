import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../src/report/timeline.ts';
import { courses } from './fixtures/courses.ts';
import { streamOf, swapPlan } from './fixtures/streams.ts';

const statesOf = (events: Parameters<typeof timelineOf>[0]) => timelineOf(events).steps.map(({ state }) => state);

describe('the timeline', () => {
  it('knows every step of the plan before it begins', () => {
    const [started, planReady] = courses['flipped']?.() ?? [];
    const timeline = timelineOf([started, planReady].filter((event) => event !== undefined));
    expect(timeline.steps).toHaveLength(9);
    expect(timeline.steps[3]).toMatchObject({
      id: '4',
      phase: 'flip',
      title: 'restart web-1, web-2',
      state: 'waiting',
    });
  });

  it('shows the running step with the servers that are through', () => {
    const timeline = timelineOf(courses['running']?.() ?? []);
    const running = timeline.steps.find(({ state }) => state === 'running');
    expect(running).toMatchObject({ id: '6', serversDone: 1, servers: ['web-3', 'web-4'] });
    expect(timeline.flip?.ms).toBeUndefined();
  });

  it('adds up what all servers have received', () => {
    const step = timelineOf(courses['staging']?.() ?? []).steps[1];
    expect(step?.transfer).toEqual({ bytes: 2 * 18_300_000, totalBytes: 48_000_000, files: 4_000 });
  });

  it('ends every step: skipped, or stopped on the way', () => {
    const running = streamOf({ plan: swapPlan(), runsAt: '4' });
    const conclusion = {
      result: 'cancelled',
      release: 'x',
      live: [],
      headline: '',
      failures: [],
      warnings: [],
      budgetMs: 1,
      totalMs: 1,
    } as const;
    const events = [...running, { type: 'finished', conclusion, at: 99_999 } as const];
    expect(statesOf(events)).toEqual(['done', 'done', 'done', 'stopped', ...Array(5).fill('skipped')]);
  });

  it('keeps the steps of the way back apart from those of the plan', () => {
    const timeline = timelineOf(courses['rolledBack']?.() ?? []);
    expect(timeline.steps.filter(({ id }) => /^(back-)?1$/.test(id)).map(({ phase, title }) => [phase, title])).toEqual(
      [
        ['stage', 'upload assets to the CDN'],
        ['return', 'restart web-1, web-2 on the old release'],
      ],
    );
    expect(timeline.steps[3]).toMatchObject({ state: 'failed', failedServers: 1 });
  });

  it('remembers the slowest server and counts failures that it does not keep', () => {
    const servers = Array.from({ length: 300 }, (_, index) => `web-${index}`);
    const failure = { what: 'no' };
    const events = servers.map(
      (server, ms) => ({ type: 'server-step', step: '2', server, ms, failure, at: ms }) as const,
    );
    const [step] = timelineOf(events).steps;
    expect(step).toMatchObject({ serversDone: 300, failedServers: 300, slowest: { server: 'web-299', ms: 299 } });
    expect(step?.failures).toHaveLength(10);
  });
});
