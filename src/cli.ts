import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { cancellation } from './cancellation.ts';
import { helpText, readFlags } from './inputs/flags.ts';
import { readAll } from './reading.ts';
import { createLog } from './report/log.ts';
import { redactor } from './report/redact.ts';
import type { Failure } from './result.ts';
import { isGood, perform } from './session.ts';

/** The same engine for a terminal: no GitHub, the log as the only report. */
async function main(): Promise<number> {
  const flags = readFlags(process.argv.slice(2), process.env);
  if (flags.do === 'help') {
    console.log(helpText());
    return 0;
  }
  if (flags.do === 'refuse') return refuse(flags.failures);
  const trusted = flags.get('known-hosts') || (await ownKnownHosts());
  const reading = await readAll((name) => (name === 'known-hosts' ? trusted : flags.get(name)), process.env);
  if (!reading.ok) return refuse(reading.failures);
  const { inputs, config, secrets, hints } = reading;
  tell(hints);
  const redact = redactor(secrets);
  const plain = (text: string) => text;
  const log = createLog({ write: console.log, grouped: false, budgetMs: config.budgetMs, redact, neutralise: plain });
  const cancel = cancellation(inputs.timeoutMs);
  const environment = process.env;
  const conclusion = await perform({
    inputs,
    config,
    environment,
    reporters: [log],
    signal: cancel.signal,
    print: console.log,
  });
  cancel.dispose();
  return isGood(conclusion) ? 0 : 1;
}

/** The hosts that this user knows already, as ssh(1) does. */
const ownKnownHosts = (): Promise<string> => readFile(join(homedir(), '.ssh', 'known_hosts'), 'utf8').catch(() => '');

function refuse(failures: readonly Failure[]): number {
  tell(failures);
  console.error('nothing was touched');
  return 1;
}

function tell(failures: readonly Failure[]): void {
  for (const { where, what, advice } of failures) {
    console.error(`${where === undefined ? '' : `${where}: `}${what}`);
    if (advice !== undefined) console.error(`  → ${advice}`);
  }
}

process.exitCode = await main();
