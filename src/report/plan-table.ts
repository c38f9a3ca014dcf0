import type { Action, Plan, Step } from '../plan/plan.ts';
import { describe, serversOf } from './describe.ts';
import { counted, duration, percent } from './duration.ts';
import { plain } from './markdown.ts';
import { releaseName } from './names.ts';

/** Instances that a step touches; 0 where it touches none. */
function membersOf(action: Action, plan: Plan): number {
  const poolName = action.do === 'switch' ? action.to : 'pool' in action ? action.pool : undefined;
  if (poolName !== undefined) return plan.pools.find(({ name }) => name === poolName)?.instances.length ?? 0;
  if (!('slot' in action)) return 0;
  const keys = plan.pools
    .filter((pool) => pool.slot === action.slot)
    .flatMap((pool) => pool.instances)
    .filter(({ server }) => serversOf(action).includes(server))
    .map(({ server, port }) => `${server}:${port}`);
  return new Set(keys).size;
}

const cellsOf = (step: Step, plan: Plan): string[] => {
  const members = membersOf(step.action, plan);
  return [
    step.id,
    step.phase,
    describe(step.action),
    members === 0 ? '' : String(members),
    duration(step.estimateMs),
    percent(step.capacity),
    step.versions.map(releaseName).join(' + '),
  ];
};

const HEAD = ['#', 'Phase', 'Step', 'Members', 'Estimate', 'Capacity', 'Live'];

/** What the flip is estimated to take: the steps that are on the clock. */
export const flipEstimate = (plan: Plan): number =>
  plan.steps.filter((step) => step.phase === 'flip').reduce((sum, step) => sum + step.estimateMs, 0);

/** `swap from 91ac0de to 8c41f0e, 9 steps, flip about 3.8 s of 5 s, plan 1f2e3d4c5b6a`. */
function planLine(plan: Plan, budgetMs: number): string {
  const from = plan.previous === undefined ? '' : ` from ${releaseName(plan.previous)}`;
  const steps =
    plan.steps.length === 0
      ? 'nothing to do'
      : `${counted(plan.steps.length, 'step')}, flip about ${duration(flipEstimate(plan))} of ${duration(budgetMs)}`;
  return `${plan.strategy}${from} to ${releaseName(plan.release)}, ${steps}, plan ${plan.hash.slice(0, 12)}`;
}

/** Columns as wide as their widest cell; figures to the right. */
function aligned(rows: readonly (readonly string[])[], rightColumns: readonly number[]): string[] {
  const width = (column: number) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0));
  const widths = (rows[0] ?? []).map((_, column) => width(column));
  return rows.map((cells) =>
    cells
      .map((cell, column) =>
        rightColumns.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** For a terminal or a log. */
export function planText(plan: Plan, budgetMs: number): string {
  const rows = plan.steps.map((step) => cellsOf(step, plan).map((cell) => plain(cell).replace(/\s+/g, ' ')));
  const lines = rows.length === 0 ? [] : aligned([HEAD, ...rows], [0, 3, 4, 5]);
  return [planLine(plan, budgetMs), ...lines].join('\n');
}
