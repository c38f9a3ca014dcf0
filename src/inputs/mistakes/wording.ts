import type { z } from 'zod';
import { nearest } from './nearest.ts';

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section with keys',
};

/** Says what a value must be, for every schema that does not say it itself. Given to zod as the error map of a parse. */
export function wording(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'invalid_union':
      return oneOf(Array.isArray(issue['options']) ? issue['options'].filter((option) => option != null) : []);
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return 'is not valid';
  }
}

const oneOf = (values: readonly unknown[]): string =>
  `must be ${values.length > 1 ? 'one of ' : ''}${values.map(String).join(', ')}`;

/** What to do about an unknown word where only some are known. */
export function adviceFor(word: unknown, known: readonly string[]): string {
  const guess = typeof word === 'string' ? nearest(word, known) : undefined;
  return guess === undefined ? `known here: ${known.join(', ')}` : `did you mean "${guess}"?`;
}
