import type { Mistake } from './mistakes/mistake.ts';

type Path = readonly PropertyKey[];
export type Environment = Readonly<Record<string, string | undefined>>;

/** Resolves references to the environment. Remembers every value that it gave away and every one that was missing. */
export interface References {
  /** The same data with every `${env:NAME}` in its texts replaced. */
  substitute(value: unknown, path?: Path): unknown;
  /** The variable that stands for a missing key. */
  variable(name: string, path: Path): string;
  /** The variable, where it is set. */
  optional(name: string): string | undefined;
  readonly values: ReadonlySet<string>;
  readonly mistakes: readonly Mistake[];
}

const reference = /\$\{env:([^}]*)\}/g;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function references(environment: Environment): References {
  const values = new Set<string>();
  const mistakes: Mistake[] = [];

  /** An empty variable is what a workflow sets for a secret that does not exist, so it counts as missing. */
  const optional = (name: string): string | undefined => {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined || value === '') return undefined;
    values.add(value);
    return value;
  };

  const variable = (name: string, path: Path): string => {
    const value = variableName.test(name) ? optional(name) : undefined;
    if (value !== undefined) return value;
    mistakes.push({ path, ...(variableName.test(name) ? missing(name) : malformed) });
    return '';
  };

  const substitute = (value: unknown, path: Path = []): unknown => {
    if (typeof value === 'string') return value.replace(reference, (_, name: string) => variable(name, path));
    if (Array.isArray(value)) return value.map((item, index) => substitute(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, [...path, key])]));
  };

  return { substitute, variable, optional, values, mistakes };
}

const missing = (name: string) => ({
  what: `the environment variable ${name} is not set`,
  advice: `hand it to the step: env: ${name}: $\{{ secrets.${name} }}`,
});

const malformed = { what: `has a reference that is not of the form $\{env:NAME}` };
