import { budgetBar } from './bar.ts';
import { counted, duration } from './duration.ts';
import type { WitnessSummary } from './events.ts';
import { code, figure, inline, link, table } from './markdown.ts';
import { releaseName } from './names.ts';
import { flipEstimate } from './plan-table.ts';
import { underWay } from './questions.ts';
import type { Setting } from './setting.ts';
import { poolsLine } from './steps-table.ts';
import type { Timeline } from './timeline.ts';

const releaseCode = (release: string): string => code(releaseName(release));

function liveFact(live: readonly string[]): string {
  if (live.length === 0) return '**nothing answers**';
  const releases = live.map(releaseCode).join(' and ');
  return live.length === 1 ? releases : `⚠️ **mixed:** ${releases}`;
}

/** What the time of a flip that did not end is the time of. */
function unfinishedWords(conclusion: Timeline['conclusion'], of: string): string {
  if (conclusion === undefined) return `so far, ${of}`;
  return conclusion.result === 'rolled-back' ? 'there and back' : 'until it broke off';
}

/** The time on the clock as a bar, as far as there is any: measured, running, or estimated. */
function flipFact(timeline: Timeline, budgetMs: number): string | undefined {
  const { flip, plan, conclusion } = timeline;
  const of = `of ${figure(duration(budgetMs))}`;
  const against = (ms: number) => `\`${budgetBar(ms, budgetMs)}\` **${figure(duration(ms))}**`;
  const measured = conclusion?.flipMs ?? flip?.ms;
  if (measured !== undefined) return `${against(measured)} ${of}`;
  const unfinished = underWay(timeline);
  if (unfinished !== undefined) return `${against(unfinished)} ${unfinishedWords(conclusion, of)}`;
  if (plan === undefined || plan.steps.length === 0) return undefined;
  if (conclusion !== undefined && conclusion.result !== 'planned') return 'not begun';
  return `about ${figure(duration(flipEstimate(plan)))} ${of}, estimated`;
}

/** What users saw; only where somebody looked. */
function usersFact(witness: WitnessSummary): string {
  const mixed = witness.mixed === 0 ? '0 mixed' : `**${witness.mixed} mixed** over ${duration(witness.mixedMs)}`;
  const failed = witness.failed === 0 ? '0 failed' : `**${witness.failed} failed**`;
  return `${failed}, ${mixed} of ${counted(witness.requests, 'request')}, longest gap ${figure(duration(witness.outageMs))}`;
}

/** What a reader asks first, a row each; a row that has nothing to say is not there. */
export function facts(timeline: Timeline, setting: Setting): string {
  const { conclusion, cutover, plan, witness } = timeline;
  const previous = conclusion?.previous ?? plan?.previous;
  const before = previous === undefined || previous === timeline.release ? '' : `${releaseCode(previous)} → `;
  const cutoverMs = conclusion?.cutoverMs ?? cutover?.ms;
  const flip = flipFact(timeline, setting.budgetMs);
  const rows: (readonly [string, string | undefined])[] = [
    ['Live now', conclusion?.live && liveFact(conclusion.live)],
    ['Flip', flip],
    ['Cutover', cutoverMs === undefined ? undefined : duration(cutoverMs)],
    ['Witness', witness && usersFact(witness)],
    ['Plan', plan && `${plan.strategy} ${code(plan.hash.slice(0, 12))} · members: ${poolsLine(plan)}`],
    ['Whole run', duration(conclusion?.totalMs ?? timeline.at)],
    ['Address', setting.url === undefined ? undefined : link(setting.url, setting.url)],
  ];
  const said = rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return table(['Release', `${before}${releaseCode(timeline.release)}`], said);
}

/** `1.09 s under the budget`, or by how much over it. */
export function verdict(timeline: Timeline): string | undefined {
  const { conclusion } = timeline;
  if (conclusion?.flipMs === undefined || conclusion.result !== 'flipped') return undefined;
  const left = conclusion.budgetMs - conclusion.flipMs;
  const where = left >= 0 ? 'under the budget' : 'over the budget';
  return inline(
    `Flipped in ${duration(conclusion.flipMs)}, ${duration(Math.abs(left))} ${where} of ${duration(conclusion.budgetMs)}.`,
  );
}
