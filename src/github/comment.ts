import { type Answer, ask } from './answer.ts';
import type { GitHub } from './client.ts';
import type { Repository } from './context.ts';

export interface CommentPlace {
  readonly client: GitHub;
  readonly repository: Repository;
  readonly pullRequest: number;
  /** The invisible first line of a comment of ours. */
  readonly marker: string;
}

export interface StickyComment {
  /** Writes the comment, the first time after a search for one that an earlier run left. Answers its id. */
  put(body: string): Promise<Answer<number>>;
}

/** Who signs our comments; `undefined` for an installation token, which cannot ask and signs as some bot. */
async function ownLogin(client: GitHub): Promise<string | undefined> {
  const answer = await ask(() => client.rest.users.getAuthenticated());
  return answer.ok ? answer.value.login : undefined;
}

/** Somebody who quotes our marker must not have their comment overwritten: it counts only under our own name. */
async function findComment({
  client,
  repository,
  pullRequest,
  marker,
}: CommentPlace): Promise<Answer<number | undefined>> {
  const login = await ownLogin(client);
  const ours = (user: { login: string; type: string } | null) =>
    login === undefined ? user?.type === 'Bot' : user?.login === login;
  for (let page = 1; ; page += 1) {
    const answer = await ask(() =>
      client.rest.issues.listComments({ ...repository, issue_number: pullRequest, per_page: 100, page }),
    );
    if (!answer.ok) return answer;
    const found = answer.value.find((comment) => comment.body?.startsWith(marker) && ours(comment.user));
    if (found !== undefined || answer.value.length < 100) return { ok: true, value: found?.id };
  }
}

/** One comment per pull request and environment, edited in place. */
export function stickyComment(place: CommentPlace): StickyComment {
  const { client, repository, pullRequest } = place;
  let known: number | undefined;
  const edit = async (id: number, body: string): Promise<Answer<number>> => {
    const answer = await ask(() => client.rest.issues.updateComment({ ...repository, comment_id: id, body }));
    if (answer.ok) return { ok: true, value: id };
    // Somebody removed it: the next attempt searches and creates again.
    if (answer.problem.kind === 'missing') known = undefined;
    return answer;
  };
  return {
    async put(body) {
      if (known !== undefined) return edit(known, body);
      // Also after a creation that was not answered: it may have happened.
      const found = await findComment(place);
      if (!found.ok) return found;
      known = found.value;
      if (known !== undefined) return edit(known, body);
      const answer = await ask(() =>
        client.rest.issues.createComment({ ...repository, issue_number: pullRequest, body }),
      );
      if (!answer.ok) return answer;
      known = answer.value.id;
      return { ok: true, value: known };
    },
  };
}
