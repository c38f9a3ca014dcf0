import type { Pool } from '../fleet/nouns.ts';
import type { Observation } from '../fleet/observation.ts';
import { modelOf, versionsOf } from '../plan/model.ts';
import type { Conclusion } from '../report/events.ts';
import { liveWords } from '../report/sentence.ts';

/** The conclusion of a run that only looked. */
export function onlyLooked(
  seen: Observation,
  pools: readonly Pool[],
  figures: Pick<Conclusion, 'budgetMs' | 'totalMs'>,
): Conclusion {
  const live = versionsOf(modelOf(seen, { release: '', pools }));
  return {
    result: 'unchanged',
    release: live[0] ?? '',
    live,
    headline: liveWords(live),
    failures: [],
    warnings: [],
    ...figures,
  };
}
