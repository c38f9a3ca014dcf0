import type { ReleaseId } from '../fleet/nouns.ts';
import { modelOf, versionsOf } from '../plan/model.ts';
import type { Plan, Wish } from '../plan/plan.ts';
import { duration } from '../report/duration.ts';
import type { Conclusion, ResultWord, WitnessSummary } from '../report/events.ts';
import { releaseName } from '../report/names.ts';
import { liveWords } from '../report/sentence.ts';
import type { Failure } from '../result.ts';
import { observe } from './observe.ts';
import type { World } from './world.ts';

/** The end of a run that was refused before anything could be looked at, let alone changed. */
export const refused = (
  failures: readonly Failure[],
  { release, budgetMs, totalMs }: Pick<Conclusion, 'release' | 'budgetMs' | 'totalMs'>,
): Conclusion => ({
  result: 'failed',
  release,
  live: [],
  headline: `nothing was changed: ${failures.length === 1 ? 'one thing is' : `${failures.length} things are`} wrong`,
  failures,
  warnings: [],
  budgetMs,
  totalMs,
});

/** What is known when a run ends. */
export interface Ending {
  readonly result: ResultWord;
  readonly failures?: readonly Failure[];
  readonly warnings?: readonly Failure[];
  readonly flipMs?: number;
  readonly cutoverMs?: number;
  readonly witness?: WitnessSummary;
  readonly plan?: Plan;
}

/** The report's last word. What is live is observed once more: a conclusion never repeats an intention. */
export async function conclude(
  ending: Ending,
  {
    wish,
    world,
    budgetMs,
  }: { readonly wish: Omit<Wish, 'balancer'>; readonly world: World; readonly budgetMs: number },
): Promise<Conclusion> {
  const seen = ending.plan === undefined ? undefined : await observe(world, wish.pools);
  if (seen === undefined)
    return refused(ending.failures ?? [], { release: wish.release, budgetMs, totalMs: world.clock.now() });
  const live = seen.ok ? versionsOf(modelOf(seen.value, wish)) : [];
  const { result, failures = [], warnings = [], plan, flipMs, cutoverMs, witness } = ending;
  const blind = seen.ok ? [] : [{ ...seen.failure, what: `what is live now could not be read: ${seen.failure.what}` }];
  const conclusion: Conclusion = {
    result: belied(result, live, wish.release) ? 'failed' : result,
    release: wish.release,
    ...(plan?.previous && { previous: plan.previous }),
    live,
    headline: '',
    failures: [...failures, ...blind],
    warnings,
    budgetMs,
    totalMs: world.clock.now(),
    ...(flipMs !== undefined && { flipMs }),
    ...(cutoverMs !== undefined && { cutoverMs }),
    ...(witness && { witness }),
  };
  return { ...conclusion, headline: headline(conclusion) };
}

/** A run that went well in every step but is not what answers now did not go well. */
const belied = (result: ResultWord, live: readonly ReleaseId[], release: ReleaseId): boolean =>
  (result === 'flipped' || result === 'unchanged') && (live.length !== 1 || live[0] !== release);

export function headline({ result, release, live, flipMs, budgetMs }: Conclusion): string {
  const now = liveWords(live);
  const within = flipMs !== undefined && flipMs <= budgetMs ? 'within' : 'over';
  switch (result) {
    case 'flipped':
      return flipMs === undefined
        ? `${releaseName(release)} is live`
        : `${releaseName(release)} is live: flipped in ${duration(flipMs)}, ${within} the budget of ${duration(budgetMs)}`;
    case 'unchanged':
      return `${releaseName(release)} was live already: nothing to do`;
    case 'planned':
      return `planned, nothing was changed: ${now}`;
    case 'staged':
      return `${releaseName(release)} is staged: ${now}`;
    case 'rolled-back':
      return `${releaseName(release)} failed and was rolled back: ${now}`;
    case 'held':
      return `held: ${now}`;
    case 'cancelled':
      return `cancelled: ${now}`;
    case 'failed':
      return `${releaseName(release)} failed: ${now}`;
  }
}
