import type { ResultWord } from './events.ts';
import { signs } from './headline.ts';
import { inline } from './markdown.ts';
import { fitted, footer, HEAD_END, pageParts } from './page.ts';
import type { Setting } from './setting.ts';
import type { Timeline } from './timeline.ts';

/** GitHub refuses a comment of more than 65,536 characters, on create and on edit. */
const LIMIT = 60_000;

/** Invisible first line, by which a later run finds the comment. `--` may not stand inside an HTML comment. */
export const markerOf = (environment: string): string =>
  `<!-- fleetflip:${encodeURIComponent(environment.toWellFormed()).replaceAll('--', '%2D%2D')} -->`;

/** The comment of one environment, as it stands at this moment of the run. */
export const renderComment = (timeline: Timeline, setting: Setting, limit = LIMIT): string =>
  fitted([{ text: markerOf(setting.environment), spare: 0 }, ...pageParts(timeline, setting), footer(setting)], limit);

/** A comment that says only what matters, for when the full one was refused. */
export const renderShortComment = (timeline: Timeline, setting: Setting): string =>
  renderComment(timeline, setting, 4_000);

/** How a run ended whose main part could not say it. */
export interface Ending {
  readonly environment: string;
  /** One line. */
  readonly headline: string;
  readonly advice?: string;
  readonly result: ResultWord;
}

/**
 * A comment whose run died while it was being kept up to date: a true head, and below it what was known until then.
 * Without an old body (it was not readable), the head alone.
 */
export function endedComment(ending: Ending, old = ''): string {
  const [, rest = ''] = old.split(HEAD_END);
  const head = [
    markerOf(ending.environment),
    `### ${signs[ending.result]} ${inline(ending.environment, 60)}: ${inline(ending.headline)}`,
    ...(ending.advice === undefined ? [] : [inline(ending.advice)]),
    ...(rest.trim() === '' ? [] : ['#### The last report before that']),
    HEAD_END,
  ];
  return head.join('\n\n') + rest;
}
