import process from 'node:process';
import { getInput, getState, warning } from '@actions/core';
import { createClient } from './github/client.ts';
import { readContext } from './github/context.ts';
import { readSavedReport, STATE_NAME, settleFromState } from './github/state.ts';

/** Longest time in milliseconds; the runner gives a cancelled job minutes, but nothing here is worth them. */
const longestMs = 60_000;

/** Puts a true end under the reports of a main part that was killed before it could. */
async function post(): Promise<void> {
  const saved = readSavedReport(getState(STATE_NAME));
  const context = await readContext(process.env);
  const token = getInput('github-token');
  if (saved === undefined || !context.ok || token === '') return;
  const client = createClient({ token, apiUrl: context.value.apiUrl, signal: AbortSignal.timeout(longestMs) });
  for (const line of await settleFromState({ client, context: context.value, saved })) warning(line);
}

try {
  await post();
} catch (error) {
  warning(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
