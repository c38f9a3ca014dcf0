import { flipChart, runChart } from './chart.ts';
import { fitted, footer, pageParts } from './page.ts';
import type { Setting } from './setting.ts';
import type { Timeline } from './timeline.ts';

/**
 * The runner drops a summary of more than 1 MiB as a whole. The limit here is in UTF-16 units, each of which is three
 * bytes at the most.
 */
const LIMIT = 300_000;

/** The job's summary: the comment's parts, and the whole run by the wall clock. */
export function renderSummary(timeline: Timeline, setting: Setting): string {
  const whole = flipChart(timeline, setting.budgetMs) && runChart(timeline);
  return fitted(
    [...pageParts(timeline, setting), { text: whole && `#### The whole run\n\n${whole}`, spare: 5 }, footer(setting)],
    LIMIT,
  );
}
