import { duration } from './duration.ts';
import { stepName } from './questions.ts';
import type { StepView, Timeline } from './timeline.ts';

const ROWS = 30;

interface Row {
  readonly name: string;
  readonly tag: '' | 'done' | 'active' | 'crit';
  readonly from: number;
  readonly to: number;
}

/**
 * In mermaid's gantt syntax `:` ends a name, `;` a statement, `#` and `%%` begin other things, and a fence ends the whole
 * chart: nothing but harmless characters may pass.
 */
const nameOf = (text: string): string => {
  const name = text
    .replace(/[^\p{L}\p{N} .,()[\]/+_-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return name.length > 44 ? `${name.slice(0, 43).trimEnd()}…` : name;
};

const tagOf = (step: StepView): Row['tag'] => {
  if (step.state === 'running' || step.state === 'stopped') return 'active';
  return step.state === 'failed' ? 'crit' : '';
};

const rowsOf = (steps: readonly StepView[], timeline: Timeline): Row[] =>
  steps.flatMap((step) => {
    if (step.startedAt === undefined) return [];
    const to = step.ms === undefined ? timeline.at : step.startedAt + step.ms;
    return [{ name: stepName(step), tag: tagOf(step), from: step.startedAt, to }];
  });

/** Longest first when there are too many, then in their own order again. */
function fewEnough(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= ROWS) return rows;
  const shortest = rows.map((row) => row.to - row.from).sort((one, other) => other - one)[ROWS - 1] ?? 0;
  return rows.filter((row) => row.to - row.from >= shortest).slice(0, ROWS);
}

/** A bar is as long as its step took, but never so short that it would not be drawn: at least `leastMs`. */
const lineOf = (row: Row, index: number, { origin, leastMs }: Scale): string => {
  const from = Math.round(origin + row.from);
  const to = Math.max(from + leastMs, Math.round(origin + row.to));
  return `    ${nameOf(row.name)} :${row.tag === '' ? '' : `${row.tag}, `}r${index}, ${from}, ${to}`;
};

interface Scale {
  readonly origin: number;
  readonly leastMs: number;
}

/** A bar of one part in 200 can just be seen. */
const scaleOf = (origin: number, spanMs: number): Scale => ({ origin, leastMs: Math.max(1, Math.round(spanMs / 200)) });

const fence = (lines: readonly string[]): string => ['```mermaid', 'gantt', ...lines, '```'].join('\n');

/** At most `ticks` ticks at round times; from a second on, whole seconds, because the axis names no smaller ones. */
const intervalOf = (ms: number, ticks: number): string => {
  const seconds = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000];
  const steps = ms > 1_000 ? seconds : [1, 2, 5, 10, 20, 50, 100];
  return `${steps.find((step) => ms / step <= ticks) ?? 3_600_000}millisecond`;
};

/**
 * The flip on its own clock, which starts with the first pool change, one row per step. A budget that the flip came near
 * to gets a row of its own; beside a flip of milliseconds it would only make everything else invisible. One step alone is no
 * chart: the figures say as much.
 */
export function flipChart(timeline: Timeline, budgetMs: number): string | undefined {
  const { flip } = timeline;
  if (flip === undefined) return undefined;
  const steps = timeline.steps.filter(({ phase }) => phase === 'flip' || phase === 'return');
  const rows = fewEnough(rowsOf(steps, timeline));
  if (rows.length < 2) return undefined;
  const end = Math.max(...rows.map((row) => row.to)) - flip.openedAt;
  const besideBudget = end > budgetMs / 8;
  const scale = scaleOf(-flip.openedAt, besideBudget ? Math.max(end, budgetMs) : end);
  const lineFrom = (row: Row, index: number) => lineOf(row, index, scale);
  const budget: Row = {
    name: `budget of ${duration(budgetMs)}`,
    tag: 'done',
    from: flip.openedAt,
    to: flip.openedAt + budgetMs,
  };
  const back = rows.filter((row) => steps.some((step) => step.phase === 'return' && step.startedAt === row.from));
  const there = rows.filter((row) => !back.includes(row));
  return fence([
    '    dateFormat x',
    '    todayMarker off',
    `    axisFormat ${end > 1_000 ? '%-S s' : '%-L ms'}`,
    `    tickInterval ${intervalOf(end, 10)}`,
    ...(besideBudget ? ['    section Budget', lineFrom(budget, 0)] : []),
    '    section Flip',
    ...there.map((row, index) => lineFrom(row, index + 1)),
    ...(back.length === 0
      ? []
      : ['    section Return', ...back.map((row, index) => lineFrom(row, index + 1 + there.length))]),
  ]);
}

const phases = [
  ['stage', 'Stage'],
  ['flip', 'Flip'],
  ['return', 'Return'],
  ['finish', 'Finish'],
] as const;

/** The whole run by the wall clock (mermaid shows it in the reader's own time zone), a section per phase. */
export function runChart(timeline: Timeline): string | undefined {
  const scale = scaleOf(Date.parse(timeline.wallClock ?? '') || 0, timeline.at);
  const shown = new Set(fewEnough(rowsOf(timeline.steps, timeline)).map((row) => `${row.name} ${row.from}`));
  if (shown.size === 0) return undefined;
  let index = 0;
  const sections = phases.flatMap(([phase, title]) => {
    const rows = rowsOf(
      timeline.steps.filter((step) => step.phase === phase),
      timeline,
    );
    const lines = rows.filter((row) => shown.has(`${row.name} ${row.from}`)).map((row) => lineOf(row, index++, scale));
    return lines.length === 0 ? [] : [`    section ${title}`, ...lines];
  });
  return fence([
    '    dateFormat x',
    '    todayMarker off',
    '    axisFormat %H:%M:%S',
    `    tickInterval ${intervalOf(timeline.at, 6)}`,
    ...sections,
  ]);
}
