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
  const live = model && versionsOf(model);
  const claimed = claimOf(ending.result, { release, previous: plan.previous });
  const untrue = claimed !== undefined && (live?.length !== 1 || live[0] !== claimed);
  const doubts = seen.ok ? (untrue ? [contradicted(ending.result, live)] : []) : [blind(seen.failure)];
  const result = untrue ? 'failed' : ending.result;
  return {
    result,
    release,
    ...(plan.previous !== undefined && { previous: plan.previous }),
    ...(live && { live }),
    headline: sentence({ result, release, ...(live && { live }), instances: model ? servingIn(model) : 0 }),
    failures: [...failures, ...doubts],
    warnings,
    budgetMs,
    totalMs,
    ...(flipMs !== undefined && { flipMs }),
    ...(cutoverMs !== undefined && { cutoverMs }),
    ...(witness && { witness }),
  };
}

/** The release that a result says users are on. A run whose steps all went well, but not to that end, did not go well. */
function claimOf(result: ResultWord, { release, previous }: Claims): ReleaseId | undefined {
  if (result === 'flipped' || result === 'unchanged') return release;
  return result === 'rolled-back' ? previous : undefined;
}

interface Claims {
  readonly release: ReleaseId;
  readonly previous: ReleaseId | undefined;
}

const blind = (failure: Failure): Failure => ({
  advice: 'look with the command status once that is mended',
  ...failure,
  what: `what is live now could not be read: ${failure.what}`,
});

const contradicted = (result: ResultWord, live: Conclusion['live']): Failure => ({
  what: `by its steps this run would be ${result}, but a last look says: ${liveWords(live)}`,
  advice: 'somebody or something else changed the fleet; run it again, it starts from what is true',
});
