import type { Failure } from '../../result.ts';

/** Something wrong in a file or in the inputs, before it is known on which line. */
export interface Mistake {
  /** Keys and list positions from the root, e.g. `['servers', 2, 'address']`. */
  readonly path: readonly PropertyKey[];
  /** What is wrong with it, as the rest of a sentence that begins with the path: `is missing`. Holds nothing of the value. */
  readonly what: string;
  /** The value in question; told only in a short and redacted form. */
  readonly found?: unknown;
  readonly advice?: string;
  /** Where the mistake is shown: at the key where that is what is wrong, at the value otherwise. */
  readonly at?: 'key';
}

/** `servers[2].address`; empty for the root. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');

/** The mistake as a person reads it. `hide` takes secrets out of the value before it is shortened. */
export function failureOf(mistake: Mistake, where: string, hide: (text: string) => string): Failure {
  const { path, what, found, advice } = mistake;
  const subject = path.length === 0 ? 'the file' : pathText(path);
  return {
    where,
    what: `${subject}: ${what}${isShort(found) ? `, not ${shown(hide(String(found)), typeof found)}` : ''}`,
    ...(advice === undefined ? {} : { advice }),
  };
}

const isShort = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

function shown(text: string, type: string): string {
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return type === 'string' ? JSON.stringify(short) : short;
}
