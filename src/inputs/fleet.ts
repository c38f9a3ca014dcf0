import { readFile } from 'node:fs/promises';
import { redactor } from '../report/redact.ts';
import type { Failure } from '../result.ts';
import { crossCheck, type Sections } from './checks/check.ts';
import { hints } from './checks/hints.ts';
import type { Config } from './config.ts';
import { type FleetFile, fleetFile } from './file/fleet-file.ts';
import { type FleetDocument, readDocument } from './mistakes/document.ts';
import { parse } from './mistakes/explain.ts';
import { failureOf, type Mistake } from './mistakes/mistake.ts';
import { type Environment, type References, references } from './references.ts';
import { resolve } from './resolve/config.ts';
import { secretForms } from './secrets.ts';

/**
 * What a fleet file says, or everything that is wrong with it. `secrets` is every form of every value that was taken from the
 * environment, longest first: mask them before anything else is done with the configuration. Failures hold none of them.
 */
export type FleetRead =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly secrets: readonly string[];
      readonly hints: readonly Failure[];
    }
  | { readonly ok: false; readonly failures: readonly Failure[]; readonly secrets: readonly string[] };

/** Reads the fleet file at a path. */
export async function readFleet(path: string, environment: Environment): Promise<FleetRead> {
  try {
    return parseFleet(await readFile(path, 'utf8'), { name: path, environment });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const failure = {
      where: path,
      what: 'the fleet file cannot be read',
      detail,
      advice: 'check out the repository first, or name the file in the input `fleet`',
    };
    return { ok: false, failures: [failure], secrets: [] };
  }
}

/** Reads a fleet file from its text; `name` is what it is called in messages. */
export function parseFleet(text: string, { name, environment }: { name: string; environment: Environment }): FleetRead {
  const read = readDocument(text, name);
  if (!read.ok) return { ...read, secrets: [] };
  const { document } = read;
  const given = references(environment);
  const checked = check(given.substitute(document.value), given);
  const secrets = secretForms([...given.values]);
  const told = (mistakes: readonly Mistake[]) => inOrder(mistakes, { document, hide: redactor(secrets) });
  if (!checked.ok) return { ok: false, failures: told(checked.mistakes), secrets };
  return { ok: true, config: checked.config, hints: told(hints(checked.file)), secrets };
}

const mostTold = 100;

type Checked =
  | { readonly ok: true; readonly config: Config; readonly file: FleetFile }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** The environment's own mistakes grow while defaults are looked up in it, so they are asked for last. */
function check(value: unknown, environment: References): Checked {
  const parsed = parse(fleetFile, value);
  const wrongReferences = new Set(environment.mistakes.map(({ path }) => path.join('\0')));
  const config = parsed.ok ? resolve(parsed.value, environment) : undefined;
  const mistakes = [
    ...(parsed.ok ? [] : parsed.mistakes.filter(({ path }) => !wrongReferences.has(path.join('\0')))),
    ...crossCheck(parsed.ok ? parsed.value : sections(value)),
    ...environment.mistakes,
  ];
  if (parsed.ok && config !== undefined && mistakes.length === 0) return { ok: true, config, file: parsed.value };
  return { ok: false, mistakes };
}

/** The sections that can be read on their own, of a file that cannot be read as a whole. */
function sections(value: unknown): Sections {
  const written = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  const { servers, instances, balancers, ssh, process, strategy } = fleetFile.shape;
  return {
    servers: servers.safeParse(written.get('servers')).data,
    instances: instances.safeParse(written.get('instances')).data,
    balancers: balancers.safeParse(written.get('balancers')).data,
    ssh: ssh.safeParse(written.get('ssh')).data,
    process: process.safeParse(written.get('process')).data,
    strategy: strategy.safeParse(written.get('strategy')).data,
  };
}

/** In the order of the file; a file with more mistakes than anybody reads is something else than a fleet file. */
function inOrder(
  mistakes: readonly Mistake[],
  { document, hide }: { document: FleetDocument; hide: (text: string) => string },
): Failure[] {
  const told = mistakes
    .slice(0, mostTold)
    .map((mistake) => ({ place: document.place(mistake), mistake }))
    .sort((one, other) => one.place.offset - other.place.offset)
    .map(({ place, mistake }) => failureOf(mistake, place.where, hide));
  const more = mistakes.length - told.length;
  return more === 0 ? told : [...told, { what: `and ${more} more mistakes` }];
}
