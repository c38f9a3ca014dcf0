import { startGitHub } from '../test/github/server/server.ts';
import type { GitHubContext } from './runner/run-action.ts';

/** GitHub's side of a deploy: a pull request whose merge is being deployed, and the deployment of the job. */
export interface LabGitHub {
  readonly context: Partial<GitHubContext>;
  /** The comments on the pull request, as they stand. */
  comments(): readonly string[];
  close(): Promise<void>;
}

const pull = 42;
const checkRun = 2002;

/** Starts a local GitHub that knows of one commit and its pull request. */
export async function startLabGitHub(sha: string, environment: string): Promise<LabGitHub> {
  const server = await startGitHub();
  const { state } = server;
  const deployment = {
    id: state.nextId(),
    ref: sha,
    environment,
    login: 'github-actions[bot]',
    payload: {},
    statuses: [],
  };
  state.deployments.push(deployment);
  state.checkRuns.set(checkRun, deployment.id);
  state.pulls.set(sha, [
    { number: pull, state: 'closed', headSha: sha, mergeSha: sha, mergedAt: '2026-01-01T00:00:00Z' },
  ]);
  return {
    context: { apiUrl: server.url, sha, checkRunId: String(checkRun) },
    comments: () => state.comments.map((comment) => comment.body),
    close: () => server.close(),
  };
}
