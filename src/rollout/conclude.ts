import type { ReleaseId } from '../fleet/nouns.ts';
import { modelOf, servingIn, versionsOf } from '../plan/model.ts';
import type { Plan, Wish } from '../plan/plan.ts';
import type { Conclusion, ResultWord, WitnessSummary } from '../report/events.ts';
import { liveWords, sentence } from '../report/sentence.ts';
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

interface Frame {
  readonly wish: Omit<Wish, 'balancer'>;
  readonly world: World;
  readonly budgetMs: number;
}

/** The report's last word. What is live is observed once more: a conclusion never repeats an intention. */
export async function conclude(ending: Ending, { wish, world, budgetMs }: Frame): Promise<Conclusion> {
  const { release } = wish;
  const { plan, failures = [], warnings = [], flipMs, cutoverMs, witness } = ending;
  if (plan === undefined) return refused(failures, { release, budgetMs, totalMs: world.clock.now() });
  const totalMs = world.clock.now();
  const seen = await observe(world, wish.pools);
  const model = seen.ok ? modelOf(seen.value, wish) : undefined;
  const live = model ? versionsOf(model) : [];
  const untrue = belied(ending.result, live, release);
  const doubts = [...(seen.ok ? [] : [blind(seen.failure)]), ...(untrue ? [contradicted(live)] : [])];
  const result = untrue ? 'failed' : ending.result;
  return {
    result,
    release,
    ...(plan.previous !== undefined && { previous: plan.previous }),
    live,
    headline: sentence({ result, release, live, instances: model ? servingIn(model) : 0 }),
    failures: [...failures, ...doubts],
    warnings,
    budgetMs,
    totalMs,
    ...(flipMs !== undefined && { flipMs }),
    ...(cutoverMs !== undefined && { cutoverMs }),
    ...(witness && { witness }),
  };
}

/** A run that went well in every step but is not what answers now did not go well. */
const belied = (result: ResultWord, live: readonly ReleaseId[], release: ReleaseId): boolean =>
  (result === 'flipped' || result === 'unchanged') && (live.length !== 1 || live[0] !== release);

const blind = (failure: Failure): Failure => ({
  ...failure,
  what: `what is live now could not be read: ${failure.what}`,
});

const contradicted = (live: readonly ReleaseId[]): Failure => ({
  what: `every step went well, but at the end ${liveWords(live)}`,
  advice: 'somebody or something else changed the fleet; run it again, it starts from what is true',
});
