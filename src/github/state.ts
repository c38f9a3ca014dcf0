import { z } from 'zod';
import { type Ending, endedComment } from '../report/comment.ts';
import type { ResultWord } from '../report/events.ts';
import { ask } from './answer.ts';
import type { GitHub } from './client.ts';
import type { GitHubContext } from './context.ts';
import { postStatus, stateOf } from './deployment.ts';

const results = ['flipped', 'unchanged', 'staged', 'planned', 'rolled-back', 'held', 'cancelled', 'failed'] as const;

const saved = z.object({
  environment: z.string(),
  /** `final`: GitHub has confirmed the last word. */
  comment: z.object({ id: z.number(), final: z.boolean() }).optional(),
  deployment: z.object({ id: z.number(), own: z.boolean(), final: z.boolean() }).optional(),
  /** How the run ended, where main got that far. */
  ending: z.object({ result: z.enum(results), headline: z.string() }).optional(),
});

/** Everything that main leaves behind for post. Saved again whenever it changes, so that a killed main has left it too. */
export type SavedReport = Readonly<z.infer<typeof saved>>;

export const STATE_NAME = 'report';

/** What main saved; `undefined` where it saved nothing that can be read. */
export function readSavedReport(text: string): SavedReport | undefined {
  try {
    return saved.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export interface Settlement {
  readonly client: GitHub;
  readonly context: GitHubContext;
  readonly saved: SavedReport;
  /** What post found out about the end of the run; without it, what main saved, and else that nobody knows. */
  readonly found?: { readonly result: ResultWord; readonly headline: string; readonly advice?: string };
}

const unknownEnd = {
  result: 'cancelled' as const,
  headline: 'the run ended before it could say what is live',
  advice: 'run it again: it starts from what the servers and the balancer say, and finishes or undoes what was left',
};

/** Puts a true end under a report whose main part died or could not reach GitHub. Answers one line per thing not written. */
export async function settleFromState({ client, context, saved, found }: Settlement): Promise<string[]> {
  const end = found ?? saved.ending ?? unknownEnd;
  const ending: Ending = { environment: saved.environment, ...end };
  const untold: string[] = [];
  if (saved.comment?.final === false) {
    const comment = { ...context.repository, comment_id: saved.comment.id };
    const old = await ask(() => client.rest.issues.getComment(comment));
    const body = endedComment(ending, old.ok ? (old.value.body ?? '') : '');
    const answer = await ask(() => client.rest.issues.updateComment({ ...comment, body }));
    if (!answer.ok) untold.push(`The comment on the pull request could not be closed: ${answer.problem.message}`);
  }
  if (saved.deployment?.final === false) {
    const state = stateOf(end.result, saved.deployment.own);
    const answer = await postStatus(client, context, {
      deployment: saved.deployment,
      state,
      description: end.headline,
    });
    if (!answer.ok) untold.push(`The deployment could not be closed: ${answer.problem.message}`);
  }
  return untold;
}
