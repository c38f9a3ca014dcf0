import { parseArgs } from 'node:util';
import type { Failure } from '../result.ts';
import { nearest } from './mistakes/nearest.ts';
import type { Environment } from './references.ts';
import { type InputName, type InputRow, inputTable, isExpression } from './table.ts';

/** How the command line is to be answered: with its help, with what is wrong, or by doing what it says. */
export type Flags =
  | { readonly do: 'help' }
  | { readonly do: 'refuse'; readonly failures: readonly Failure[] }
  | { readonly do: 'run'; readonly get: (name: InputName) => string };

const rows: readonly (readonly [string, InputRow])[] = Object.entries(inputTable).filter(
  ([, row]) => !('runnerOnly' in row),
);
const flags = rows.filter(([name, row]) => row.secret !== true && name !== 'command');
const secrets = rows.filter(([, row]) => row.secret === true);

/** Flags without a value. */
const switches: ReadonlySet<string> = new Set<InputName>(['dry-run', 'allow-shrunken']);

const options: Readonly<Record<string, { readonly type: 'boolean' | 'string' }>> = Object.fromEntries(
  flags.map(([name]) => [name, { type: switches.has(name) ? 'boolean' : 'string' }]),
);

const variableOf = (name: string): string => `FLEETFLIP_${name.replaceAll('-', '_').toUpperCase()}`;

/** `fleetflip deploy --source build/ --dry-run`: flags are the inputs of the action, secrets come from the environment. */
export function readFlags(words: readonly string[], environment: Environment): Flags {
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values['help'] === true) return { do: 'help' };
  const [command = '', ...others] = positionals;
  const failures = [
    ...tokens.flatMap((token) => (token.kind === 'option' ? flagMistakes(token) : [])),
    ...others.map((word) => ({ where: 'command line', what: `${word}: one command at a time` })),
  ];
  if (failures.length > 0) return { do: 'refuse', failures };
  const given = new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  for (const [name] of secrets) given.set(name, environment[variableOf(name)] ?? '');
  given.set('command', command);
  return { do: 'run', get: (name) => given.get(name) ?? '' };
}

interface Flag {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
}

function flagMistakes({ name, rawName, value }: Flag): Failure[] {
  const where = 'command line';
  const secret = secrets.find(([known]) => known === name);
  if (secret !== undefined) {
    return [
      {
        where,
        what: `${rawName}: a secret on the command line can be seen by every process`,
        advice: `set ${variableOf(name)}`,
      },
    ];
  }
  const option = options[name];
  if (option === undefined && name !== 'help' && name !== 'h') {
    const guess = nearest(name, Object.keys(options));
    const advice = guess === undefined ? 'see --help' : `did you mean --${guess}?`;
    return [{ where, what: `${rawName}: unknown flag`, advice }];
  }
  if (option?.type === 'string' && value === undefined) return [{ where, what: `${rawName}: needs a value` }];
  return option?.type === 'boolean' && value !== undefined ? [{ where, what: `${rawName}: takes no value` }] : [];
}

/** The text of `--help`. */
export function helpText(): string {
  const width = Math.max(...rows.map(([name]) => variableOf(name).length)) + 2;
  const entry = (left: string, { description, default: fallback }: InputRow) => {
    const told = fallback !== undefined && !isExpression(fallback) && fallback !== 'false';
    return `  ${left.padEnd(width)}${description.replaceAll('`', '')}${told ? ` [${fallback}]` : ''}`;
  };
  return [
    'fleetflip [deploy|plan|rollback|status] [flags]',
    '',
    'Flags:',
    ...flags.map(([name, row]) => entry(`--${name}`, row)),
    '',
    'From the environment, because a process list shows flags:',
    ...secrets.map(([name, row]) => entry(variableOf(name), row)),
    '',
    `A fleet file may refer to further variables as $\{env:NAME}. Every key of it: docs/reference.md`,
    '',
  ].join('\n');
}
