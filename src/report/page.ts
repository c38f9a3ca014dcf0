import { flipChart, runChart } from './chart.ts';
import { facts, verdict } from './facts.ts';
import { headline } from './headline.ts';
import { cut, link } from './markdown.ts';
import type { Setting } from './setting.ts';
import { stepsFold } from './steps-table.ts';
import type { Timeline } from './timeline.ts';
import { troubles } from './troubles.ts';

/** A piece of a page; those with the highest `spare` are left out first when there is too much. */
export interface Part {
  readonly text: string | undefined;
  readonly spare: number;
}

/** Parts as one text of at most `limit` characters. A part goes as a whole, so that no fence or table is torn. */
export function fitted(parts: readonly Part[], limit: number): string {
  const said = parts.flatMap(({ text, spare }) => (text === undefined || text === '' ? [] : [{ text, spare }]));
  const page = said.map(({ text }) => text).join('\n\n');
  if (page.length <= limit) return page;
  const most = Math.max(0, ...said.map(({ spare }) => spare));
  return most === 0
    ? cut(page, limit)
    : fitted(
        said.filter(({ spare }) => spare < most),
        limit,
      );
}

export const footer = ({ runUrl, attempt }: Setting): Part => {
  const again = attempt !== undefined && attempt > 1 ? ` (attempt ${attempt})` : '';
  const log = runUrl === undefined ? '' : ` · ${link('log of this run', runUrl)}`;
  return { text: `<sub>Fleetflip${log}${again}</sub>`, spare: 0 };
};

export const HEAD_END = '<!-- fleetflip:head-end -->';

/** What comment and summary have in common, in the order in which a reader asks. */
export function pageParts(timeline: Timeline, setting: Setting): Part[] {
  const flip = flipChart(timeline, setting.budgetMs);
  return [
    { text: `### ${headline(timeline, setting)}`, spare: 0 },
    { text: verdict(timeline), spare: 0 },
    { text: HEAD_END, spare: 0 },
    { text: facts(timeline, setting), spare: 0 },
    { text: troubles(timeline), spare: 1 },
    { text: flip ?? (timeline.conclusion === undefined ? undefined : runChart(timeline)), spare: 4 },
    { text: stepsFold(timeline), spare: 2 },
  ];
}
