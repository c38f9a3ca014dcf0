import { z } from 'zod';
import { redactor } from '../report/redact.ts';
import type { Failure } from '../result.ts';
import type { Inputs } from './config.ts';
import { strategyTypes } from './file/strategy.ts';
import { parse } from './mistakes/explain.ts';
import { failureOf } from './mistakes/mistake.ts';
import { secretForms } from './secrets.ts';
import { type InputName, type InputRow, inputTable, isExpression } from './table.ts';
import { someTime } from './values/duration.ts';
import { releaseId } from './values/release-id.ts';
import { address, line } from './values/text.ts';

/** The inputs of a run, or everything that is wrong with them. `secrets`: every form of every secret, to be masked first. */
export type InputsRead =
  | { readonly ok: true; readonly inputs: Inputs; readonly secrets: readonly string[] }
  | { readonly ok: false; readonly failures: readonly Failure[]; readonly secrets: readonly string[] };

const yesOrNo = z
  .enum(['true', 'True', 'TRUE', 'false', 'False', 'FALSE'], { error: 'must be true or false' })
  .transform((word) => word.toLowerCase() === 'true');

const count = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, { error: 'must be a number' })
  .transform(Number);

const planHash = z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be the hash of a plan: 64 hexadecimal digits' });

/** What each input is called in the code. */
const names = {
  command: 'command',
  fleet: 'fleet',
  release: 'release',
  source: 'source',
  sshKey: 'ssh-key',
  sshPassphrase: 'ssh-passphrase',
  knownHosts: 'known-hosts',
  strategy: 'strategy',
  budgetMs: 'budget',
  environment: 'environment',
  url: 'url',
  pullRequest: 'pull-request',
  dryRun: 'dry-run',
  allowShrunken: 'allow-shrunken',
  expectPlan: 'expect-plan',
  to: 'to',
  timeoutMs: 'timeout',
  githubToken: 'github-token',
  checkRunId: 'check-run-id',
} as const satisfies Readonly<Record<keyof Inputs, InputName>>;

const shape = {
  command: z.enum(['deploy', 'plan', 'rollback', 'status']),
  fleet: line,
  release: releaseId.exactOptional(),
  source: line.exactOptional(),
  sshKey: z.string().exactOptional(),
  sshPassphrase: z.string().exactOptional(),
  knownHosts: z.string().exactOptional(),
  strategy: z.enum(strategyTypes).exactOptional(),
  budgetMs: someTime.exactOptional(),
  environment: line.exactOptional(),
  url: address.exactOptional(),
  pullRequest: z.union([z.literal('none', { error: 'must be a number, or none' }), count]).exactOptional(),
  dryRun: yesOrNo,
  allowShrunken: yesOrNo,
  expectPlan: planHash.exactOptional(),
  to: releaseId,
  timeoutMs: someTime,
  githubToken: line.exactOptional(),
  checkRunId: count.exactOptional(),
} satisfies Readonly<Record<keyof Inputs, z.ZodType>>;

const schema = z.object(shape).superRefine(({ command, release }, context) => {
  if (release !== undefined || command === 'rollback' || command === 'status') return;
  context.addIssue({ code: 'custom', path: ['release'], message: `is missing: ${command} needs the id of a release` });
});

/** Reads all inputs through `get`, which answers '' for one that was not given (as `getInput` of the toolkit does). */
export function readInputs(get: (name: InputName) => string): InputsRead {
  const given = Object.entries(names).map(([key, name]) => ({ key, name, text: get(name) || constantDefault(name) }));
  const secrets = secretForms(given.flatMap(({ name, text }) => (rowOf(name).secret ? [text] : [])));
  const parsed = parse(
    schema,
    Object.fromEntries(given.flatMap(({ key, text }) => (text === '' ? [] : [[key, text]]))),
  );
  // `rollback` and `status` are not about a release that is still to be made.
  if (parsed.ok) return { ok: true, inputs: { release: '', ...parsed.value }, secrets };
  const hide = redactor(secrets);
  const nameOf = (key: PropertyKey | undefined) => given.find((one) => one.key === key)?.name ?? String(key);
  const failures = parsed.mistakes.map((mistake) =>
    failureOf({ ...mistake, path: [nameOf(mistake.path[0])] }, 'inputs', hide),
  );
  return { ok: false, failures, secrets };
}

const rowOf = (name: InputName): InputRow => inputTable[name];

/** Defaults of action.yml that are no expression of the runner hold on the command line, too. */
function constantDefault(name: InputName): string {
  const written = rowOf(name).default ?? '';
  return isExpression(written) ? '' : written;
}
