import { join } from 'node:path';
import process from 'node:process';
import { error as annotateError, getInput, notice, saveState, setFailed, setSecret, warning } from '@actions/core';
import { cancellation } from './cancellation.ts';
import { type GitHubContext, readContext, refusal } from './github/context.ts';
import { createGitHubReporter } from './github/reporter.ts';
import { annotate, outputsOf, writeOutputs } from './github/runner.ts';
import { STATE_NAME } from './github/state.ts';
import { createSummary } from './github/summary.ts';
import { type Reading, readAll } from './reading.ts';
import { createLog } from './report/log.ts';
import { warningsOf } from './report/questions.ts';
import { createRecording } from './report/recording.ts';
import { neutralise, redactor } from './report/redact.ts';
import type { Setting } from './report/setting.ts';
import { keepTimeline } from './report/timeline.ts';
import type { Failure } from './result.ts';
import { isGood, perform } from './session.ts';

/** Longest time in milliseconds that the last reports may take after the work is done. */
const settleMs = 10_000;

type Read = Extract<Reading, { ok: true }>;

/** The step's main part: read everything, refuse or run, tell how it ended. */
async function main(): Promise<void> {
  const reading = await readAll(getInput, process.env);
  for (const secret of reading.secrets) setSecret(secret);
  const context = await readContext(process.env);
  const stranger = context.ok ? refusal(context.value) : undefined;
  const failures = [
    ...(context.ok ? [] : [context.failure]),
    ...(stranger ? [stranger] : []),
    ...(reading.ok ? [] : reading.failures),
  ];
  if (failures.length > 0 || !reading.ok || !context.ok) return refuse(failures);
  for (const hint of reading.hints) warning(sentence(hint));
  await run(reading, context.value);
}

async function run({ inputs, config, secrets }: Read, context: GitHubContext): Promise<void> {
  const redact = redactor(secrets);
  const timeline = keepTimeline();
  const path = join(process.env['RUNNER_TEMP'] ?? '.', 'fleetflip', 'timeline.json');
  const setting = settingOf({ inputs, config }, context);
  const reporters = [
    createLog({ write: console.log, grouped: true, budgetMs: config.budgetMs, redact, neutralise }),
    createRecording({ path, redact, warn: warning }),
    createGitHubReporter({
      context,
      setting,
      redact,
      notice,
      save: (report) => saveState(STATE_NAME, report),
      ...(inputs.githubToken !== undefined && { token: inputs.githubToken }),
      ...(inputs.pullRequest !== undefined && { pullRequest: inputs.pullRequest }),
      ...(inputs.environment !== undefined && { environment: inputs.environment }),
    }),
    createSummary({ setting, redact, notice }),
    { report: timeline.take, settle: async () => {} },
  ];
  const cancel = cancellation(inputs.timeoutMs);
  const environment = process.env;
  const conclusion = await perform({
    inputs,
    config,
    environment,
    reporters,
    signal: cancel.signal,
    print: console.log,
  });
  const view = timeline.view();
  const planHash = view.plan?.hash;
  writeOutputs(
    outputsOf(conclusion, { timeline: path, ...(planHash && { planHash }), ...(inputs.url && { url: inputs.url }) }),
  );
  annotate({ ...conclusion, warnings: warningsOf(view) }, redact);
  process.exitCode = isGood(conclusion) ? 0 : 1;
  await Promise.all(reporters.map((reporter) => reporter.settle(settleMs)));
  cancel.dispose();
}

const settingOf = ({ inputs, config }: Pick<Read, 'inputs' | 'config'>, context: GitHubContext): Setting => ({
  environment: inputs.environment ?? config.app,
  budgetMs: config.budgetMs,
  runUrl: context.runUrl,
  attempt: context.attempt,
  ...(inputs.url && { url: inputs.url }),
});

const sentence = ({ where, what, advice }: Failure): string =>
  `${where === undefined ? '' : `${where}: `}${what}${advice === undefined ? '' : ` (${advice})`}`;

/** Every mistake on a line of its own, and nothing touched. */
function refuse(failures: readonly Failure[]): void {
  writeOutputs({ result: 'failed' });
  for (const failure of failures) annotateError(sentence(failure), { title: 'Fleetflip' });
  setFailed(`nothing was touched: ${failures.length} ${failures.length === 1 ? 'mistake' : 'mistakes'} to mend first`);
}

try {
  await main();
} catch (error) {
  setFailed(error instanceof Error ? (error.stack ?? error.message) : String(error));
  // A bug may have left connections and timers open, which would keep the job for as long as they last.
  process.exit();
}
