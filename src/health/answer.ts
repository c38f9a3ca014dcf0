import type { ReleaseId } from '../fleet/nouns.ts';
import { foreignWords } from '../foreign-words.ts';
import type { HealthConfig } from '../inputs/config.ts';

/** What an instance said when it was asked once. `words` are for a person, e.g. `500 Internal Server Error "database is gone"`. */
export type Answer =
  | { readonly answered: true; readonly status: number; readonly words: string; readonly release?: ReleaseId }
  | { readonly answered: false; readonly words: string };

/** An HTTP response as it came: nothing of it is to be trusted. */
export interface Response {
  readonly status: number;
  readonly statusText: string;
  /** Value of the header that names the release, where one is configured and was sent. */
  readonly releaseHeader?: string;
  /** As much of the body as was read. */
  readonly body: string;
}

/** More of a body is never read. */
export const bodyLimit = 64 * 1024;

const releaseLength = 128;

export function answerOf({ status, statusText, releaseHeader, body }: Response, health: HealthConfig): Answer {
  const line = `${status} ${foreignWords(statusText, 60)}`.trim();
  const said = foreignWords(body, 120);
  const release = foreignWords((health.releaseHeader === undefined ? body : releaseHeader) ?? '', releaseLength);
  return {
    answered: true,
    status,
    words: isGood(status) || said === '' ? line : `${line} "${said}"`,
    ...(release !== '' && { release }),
  };
}

const isGood = (status: number): boolean => status >= 200 && status <= 299;

export const isReady = (answer: Answer): boolean => answer.answered && isGood(answer.status);

/** What an answer lacks to count as ready and as the wanted release; undefined where it lacks nothing. */
export function lackOf(answer: Answer, wanted: ReleaseId, { releaseHeader }: HealthConfig): string | undefined {
  if (!answer.answered || !isGood(answer.status)) return answer.words;
  if (answer.release === wanted) return undefined;
  const source = releaseHeader === undefined ? 'its body' : `the header ${releaseHeader}`;
  if (answer.release === undefined) return `${answer.words}, but no release in ${source}`;
  return `${answer.words}, but as release ${answer.release} instead of ${wanted}`;
}
