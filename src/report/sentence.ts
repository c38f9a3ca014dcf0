import { releaseName } from './names.ts';

/** `a1b2c3d is live`, `r1 and r2 are live`, `nothing answers`. */
export const liveWords = (live: readonly string[]): string =>
  live.length === 0
    ? 'nothing answers'
    : `${live.map(releaseName).join(' and ')} ${live.length > 1 ? 'are' : 'is'} live`;
