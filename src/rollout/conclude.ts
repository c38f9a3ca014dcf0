import type { ReleaseId } from '../fleet/nouns.ts';
import { modelOf, versionsOf } from '../plan/model.ts';
import type { Plan, Wish } from '../plan/plan.ts';
import type { Conclusion, ResultWord, WitnessSummary } from '../report/events.ts';
import type { Failure } from '../result.ts';
import { observe } from './observe.ts';
import type { World } from './world.ts';

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
  const seen = await observe(world, wish.pools);
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

const short = (release: ReleaseId): string => (/^[0-9a-f]{40}$/.test(release) ? release.slice(0, 7) : release);

export function headline({ result, release, live, flipMs, budgetMs }: Conclusion): string {
  const now =
    live.length === 0 ? 'nothing answers' : `${live.map(short).join(' and ')} ${live.length > 1 ? 'are' : 'is'} live`;
  const within = flipMs !== undefined && flipMs <= budgetMs ? 'within' : 'over';
  const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 100 ? 3 : 2)} s`;
  switch (result) {
    case 'flipped':
      return flipMs === undefined
        ? `${short(release)} is live`
        : `${short(release)} is live: flipped in ${seconds(flipMs)}, ${within} the budget of ${seconds(budgetMs)}`;
    case 'unchanged':
      return `${short(release)} was live already: nothing to do`;
    case 'planned':
      return `planned, nothing was changed: ${now}`;
    case 'staged':
      return `${short(release)} is staged: ${now}`;
    case 'rolled-back':
      return `${short(release)} failed and was rolled back: ${now}`;
    case 'held':
      return `held: ${now}`;
    case 'cancelled':
      return `cancelled: ${now}`;
    case 'failed':
      return `${short(release)} failed: ${now}`;
  }
}
