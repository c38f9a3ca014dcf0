import { z } from 'zod';
import type { Mistake } from './mistake.ts';
import { adviceFor, wording } from './wording.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Parses with messages made for people: every mistake at once, each with the path to its value. */
export function parse<S extends z.ZodType>(schema: S, value: unknown, at: Path = []): Parsed<z.output<S>> {
  const result = z.safeParse(schema, value, { reportInput: true, error: wording });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, mistakes: result.error.issues.flatMap((issue) => explain(issue, at)) };
}

function explain(issue: Issue, at: Path): Mistake[] {
  const path = [...at, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(issue, path);
    case 'invalid_union':
      return issue.errors.length > 0
        ? likeliest(issue, path)
        : [wrongWord('options' in issue ? issue.options : [], issue, path)];
    case 'invalid_value':
      return [wrongWord(issue.values, issue, path)];
    case 'custom':
      return [{ path, what: issue.message, found: issue.input, ...adviceIn(issue.params) }];
    default:
      return [told(issue, path)];
  }
}

/** The advice per key is made by the section that refused it (see `section`): one line for each. */
function unknownKeys(issue: Issue & { code: 'unrecognized_keys' }, path: Path): Mistake[] {
  const advice = issue.message.split('\n');
  return issue.keys.map((key, index) => ({
    path: [...path, key],
    what: 'unknown key',
    at: 'key',
    ...adviceIn({ advice: advice[index] }),
  }));
}

/**
 * Of the forms that a value may have, the one that was meant is the one whose kind (text, list, section) matches; where
 * several match, the one with the fewest mistakes. Its mistakes are the ones to tell.
 */
function likeliest(issue: Issue & { code: 'invalid_union' }, path: Path): Mistake[] {
  const [meant] = issue.errors
    .filter((issues) => !issues.some(isOfAnotherKind))
    .sort((one, other) => one.length - other.length);
  if (meant !== undefined) return meant.flatMap((nested) => explain(nested, path));
  const forms = [...new Set(issue.errors.flat().flatMap(formsOf))];
  return [told({ input: issue.input, message: `must be ${forms.join(', or ')}` }, path)];
}

const isOfAnotherKind = (issue: Issue): boolean => {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union')
    return issue.errors.length > 0 && issue.errors.every((nested) => nested.some(isOfAnotherKind));
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof issue.input === 'object');
};

const formsOf = (issue: Issue): string[] =>
  issue.code === 'invalid_union' && issue.errors.length > 0
    ? issue.errors.flat().flatMap(formsOf)
    : issue.message.replace(/^must be /, '').split(', or ');

function wrongWord(
  words: unknown,
  issue: { input?: unknown; message: string; discriminator?: unknown },
  path: Path,
): Mistake {
  const known = Array.isArray(words) ? words.filter((word) => typeof word === 'string') : [];
  const input = wordIn(issue.input, issue.discriminator);
  const advice = adviceFor(input, known);
  const mistake = told({ input, message: issue.message }, path);
  return advice.startsWith('did you mean') ? { ...mistake, advice } : mistake;
}

/** zod reports a section of unknown kind as a whole; the word that names the kind is in it. */
const wordIn = (input: unknown, key: unknown): unknown =>
  typeof key === 'string' && typeof input === 'object' && input !== null
    ? Object.entries(input).find(([name]) => name === key)?.[1]
    : input;

function told({ input, message }: { input?: unknown; message: string }, path: Path): Mistake {
  if (input === undefined) return { path, what: `is missing: it ${message}` };
  if (input === null) return { path, what: `is empty: it ${message}` };
  return { path, what: message, found: input };
}

const adviceIn = (params: Readonly<Record<string, unknown>> | undefined): { advice?: string } =>
  typeof params?.['advice'] === 'string' ? { advice: params['advice'] } : {};
