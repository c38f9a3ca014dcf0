import { z } from 'zod';
import type { ResultWord } from '../report/events.ts';
import { cut } from '../report/markdown.ts';
import { type Answer, ask } from './answer.ts';
import type { GitHub } from './client.ts';
import type { GitHubContext } from './context.ts';

export interface DeploymentRef {
  readonly id: number;
  /** Made by us; otherwise GitHub made it for the job's `environment:`, and will close it when the job ends. */
  readonly own: boolean;
}

export type DeploymentState = 'error' | 'failure' | 'in_progress' | 'pending' | 'success';

const finalStates: Record<ResultWord, DeploymentState> = {
  flipped: 'success',
  unchanged: 'success',
  staged: 'pending',
  planned: 'pending',
  held: 'pending',
  'rolled-back': 'failure',
  failed: 'failure',
  cancelled: 'error',
};

/**
 * What a run's end makes of its deployment. A success on a deployment of GitHub's own is left to GitHub, which writes it
 * when the job has ended well: the steps after this one may still fail.
 */
export const stateOf = (result: ResultWord | undefined, own: boolean): DeploymentState => {
  const state = result === undefined ? 'in_progress' : finalStates[result];
  return state === 'success' && !own ? 'in_progress' : state;
};

const ourPayload = z.looseObject({ fleetflip: z.looseObject({ run: z.number(), attempt: z.number() }) });

const isOurs = (payload: unknown, { runId, attempt }: GitHubContext): boolean => {
  const read = ourPayload.safeParse(payload);
  return read.success && read.data.fleetflip.run === runId && read.data.fleetflip.attempt === attempt;
};

/** Asks the job's own check run. `missing` and `forbidden` mean that it cannot be known this way. */
async function ofCheckRun(
  client: GitHub,
  { repository, checkRunId }: GitHubContext,
): Promise<Answer<number | undefined>> {
  if (checkRunId === undefined) return { ok: false, problem: { kind: 'missing', message: 'no check run is known' } };
  const answer = await ask(() => client.rest.checks.get({ ...repository, check_run_id: checkRunId }));
  return answer.ok ? { ok: true, value: answer.value.deployment?.id } : answer;
}

interface Search {
  readonly client: GitHub;
  readonly context: GitHubContext;
  readonly environment: string;
  /** Whether the newest deployment of GitHub's own may be taken for this job's. */
  readonly guess: boolean;
}

/** One of ours from this very run (an earlier creation that was not answered), or GitHub's newest for this commit. */
async function ofCommit({ client, context, environment, guess }: Search): Promise<Answer<DeploymentRef | undefined>> {
  const { repository, sha } = context;
  const answer = await ask(() => client.rest.repos.listDeployments({ ...repository, environment, sha, per_page: 30 }));
  if (!answer.ok) return answer;
  const ours = answer.value.find(({ payload }) => isOurs(payload, context));
  if (ours !== undefined) return { ok: true, value: { id: ours.id, own: true } };
  const theirs = answer.value.find(
    ({ creator, payload }) => creator?.login === 'github-actions[bot]' && !ourPayload.safeParse(payload).success,
  );
  return { ok: true, value: guess && theirs !== undefined ? { id: theirs.id, own: false } : undefined };
}

/**
 * `auto_merge` off: otherwise GitHub may merge a branch instead (202). No required contexts: the check of this very job is
 * still running, and GitHub would refuse (409).
 */
async function create(client: GitHub, context: GitHubContext, environment: string): Promise<Answer<DeploymentRef>> {
  const answer = await ask<{ readonly id?: number; readonly message?: string }>(() =>
    client.rest.repos.createDeployment({
      ...context.repository,
      ref: context.sha,
      environment,
      auto_merge: false,
      required_contexts: [],
      description: 'Fleetflip',
      payload: { fleetflip: { run: context.runId, attempt: context.attempt } },
    }),
  );
  if (!answer.ok) return answer;
  if (answer.value.id !== undefined) return { ok: true, value: { id: answer.value.id, own: true } };
  return { ok: false, problem: { kind: 'refused', message: answer.value.message ?? 'no deployment was made' } };
}

/**
 * The deployment of this run: the one that GitHub made for the job, else one of our own where an environment is named.
 * `undefined`: there is nothing to report to.
 */
export async function findDeployment(
  client: GitHub,
  context: GitHubContext,
  environment: string | undefined,
): Promise<Answer<DeploymentRef | undefined>> {
  const ofJob = await ofCheckRun(client, context);
  if (ofJob.ok && ofJob.value !== undefined) return { ok: true, value: { id: ofJob.value, own: false } };
  if (!ofJob.ok && (ofJob.problem.kind === 'limited' || ofJob.problem.kind === 'unreachable')) return ofJob;
  if (environment === undefined) return { ok: true, value: undefined };
  const found = await ofCommit({ client, context, environment, guess: !ofJob.ok });
  return !found.ok || found.value !== undefined ? found : create(client, context, environment);
}

export interface StatusChange {
  readonly deployment: DeploymentRef;
  readonly state: DeploymentState;
  readonly description: string;
  readonly url?: string;
}

/** GitHub takes at most 140 characters of description. */
export async function postStatus(
  client: GitHub,
  context: GitHubContext,
  change: StatusChange,
): Promise<Answer<unknown>> {
  const url = change.url !== undefined && /^https?:\/\//.test(change.url) ? { environment_url: change.url } : {};
  return ask(() =>
    client.rest.repos.createDeploymentStatus({
      ...context.repository,
      deployment_id: change.deployment.id,
      state: change.state,
      description: cut(change.description, 140),
      log_url: context.runUrl,
      ...url,
    }),
  );
}
