import type { Config, Inputs } from './inputs/config.ts';
import { readFleet } from './inputs/fleet.ts';
import { readInputs } from './inputs/inputs.ts';
import { overridden } from './inputs/override.ts';
import type { Environment } from './inputs/references.ts';
import type { InputName } from './inputs/table.ts';
import type { Failure } from './result.ts';

/** Everything that a user wrote, read; or every mistake in it. */
export type Reading = { readonly secrets: readonly string[] } & (
  | { readonly ok: true; readonly inputs: Inputs; readonly config: Config; readonly hints: readonly Failure[] }
  | { readonly ok: false; readonly failures: readonly Failure[] }
);

/** Reads inputs and fleet file. Mistakes of both are told at once; `secrets` are to be masked before anything is printed. */
export async function readAll(get: (name: InputName) => string, environment: Environment): Promise<Reading> {
  const given = readInputs(get);
  const fleet = await readFleet(get('fleet') || '.github/fleetflip.yml', environment);
  const secrets = [...new Set([...given.secrets, ...fleet.secrets])].sort((one, other) => other.length - one.length);
  const failures = [given, fleet].flatMap((read) => (read.ok ? [] : read.failures));
  if (!given.ok || !fleet.ok) return { ok: false, failures, secrets };
  const config = overridden(fleet.config, given.inputs);
  if (!config.ok) return { ok: false, failures: [config.failure], secrets };
  return { ok: true, inputs: given.inputs, config: config.value, hints: fleet.hints, secrets };
}
