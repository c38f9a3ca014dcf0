import { type Answer, ask } from './answer.ts';
import type { GitHub } from './client.ts';
import type { GitHubContext } from './context.ts';

/**
 * The pull request that this run belongs to: the one named by the event, or the one that brought the commit — merged as
 * this very commit, else open with it as its head. `undefined`: there is none.
 */
export async function findPullRequest(client: GitHub, context: GitHubContext): Promise<Answer<number | undefined>> {
  if (context.pullRequest !== undefined) return { ok: true, value: context.pullRequest };
  const { sha, repository } = context;
  const answer = await ask(() =>
    client.rest.repos.listPullRequestsAssociatedWithCommit({ ...repository, commit_sha: sha, per_page: 100 }),
  );
  // 409 and 422: the commit is not one that GitHub can look up, so no pull request has it.
  if (!answer.ok) return answer.problem.kind === 'refused' ? { ok: true, value: undefined } : answer;
  const merged = answer.value.find((pull) => pull.merged_at !== null && pull.merge_commit_sha === sha);
  const open = answer.value.find((pull) => pull.state === 'open' && pull.head.sha === sha);
  return { ok: true, value: (merged ?? open)?.number };
}
