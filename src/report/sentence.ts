import { counted } from './duration.ts';
import type { Conclusion } from './events.ts';
import { releaseName } from './names.ts';

/** `a1b2c3d is live`, `r1 and r2 are live`, `nothing answers`. */
export function liveWords(live: Conclusion['live']): string {
  if (live === undefined) return 'what is live now could not be read';
  if (live.length === 0) return 'nothing answers';
  return `${live.map(releaseName).join(' and ')} ${live.length > 1 ? 'are' : 'is'} live`;
}

/** The conclusion in one line: what became of the release, and what users are on now. */
export function sentence({
  result,
  release,
  live,
  instances,
}: Pick<Conclusion, 'result' | 'release' | 'live'> & { readonly instances: number }): string {
  const now = liveWords(live);
  const name = releaseName(release);
  switch (result) {
    case 'flipped':
      return `${name} is live on all ${counted(instances, 'instance')}`;
    case 'unchanged':
      return `${name} was live already on ${counted(instances, 'instance')}: nothing to do`;
    case 'planned':
      return `planned, nothing was changed: ${now}`;
    case 'staged':
      return `${name} is staged: ${now}`;
    case 'rolled-back':
      return `${name} failed and was rolled back: ${now} on ${counted(instances, 'instance')}`;
    case 'held':
      return `held: ${now}`;
    case 'cancelled':
      return `cancelled: ${now}`;
    case 'failed':
      return `${name} failed: ${now}`;
  }
}
