import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Failure, fail, ok, type Result } from '../result.ts';

export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

/** Where and why this run happens, as far as Fleetflip cares. */
export interface GitHubContext {
  readonly repository: Repository;
  readonly event: string;
  /** The commit that is deployed and reported on; on `pull_request` not the merge commit of GITHUB_SHA. */
  readonly sha: string;
  readonly apiUrl: string;
  readonly runUrl: string;
  readonly runId: number;
  readonly attempt: number;
  /** The check run of this job, by which its deployment is found (`${{ job.check_run_id }}`). */
  readonly checkRunId?: number;
  /** The pull request that the event itself names. */
  readonly pullRequest?: number;
  /** `owner/name` that the code comes from, where that is another repository than this one. */
  readonly fork?: string;
}

const number = z.coerce.number().int().positive();
const head = z.looseObject({ sha: z.string(), repo: z.looseObject({ full_name: z.string() }).nullish() });
const payload = z.looseObject({
  pull_request: z.looseObject({ number, head }).optional(),
  merge_group: z.looseObject({ head_ref: z.string(), head_sha: z.string() }).optional(),
  workflow_run: z
    .looseObject({
      head_sha: z.string(),
      head_repository: z.looseObject({ full_name: z.string() }).nullish(),
      pull_requests: z.array(z.looseObject({ number })).default([]),
    })
    .optional(),
});

const variables = z.looseObject({
  GITHUB_REPOSITORY: z.string().regex(/^[^/]+\/[^/]+$/),
  GITHUB_EVENT_NAME: z.string(),
  GITHUB_EVENT_PATH: z.string().optional(),
  GITHUB_SHA: z.string(),
  GITHUB_API_URL: z.url().default('https://api.github.com'),
  GITHUB_SERVER_URL: z.url().default('https://github.com'),
  GITHUB_RUN_ID: number,
  GITHUB_RUN_ATTEMPT: number.default(1),
  'INPUT_CHECK-RUN-ID': z.union([z.literal('').transform(() => undefined), number]).optional(),
});

/** `gh-readonly-queue/main/pr-17-<sha>` */
const queued = (ref: string | undefined): number | undefined => {
  const found = /\/pr-(\d+)-[0-9a-f]+$/.exec(ref ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
};

const forkOf = (event: z.infer<typeof payload>, own: string): string | undefined => {
  const { pull_request, workflow_run } = event;
  // A missing head repository is a fork that was deleted since.
  const name = pull_request
    ? (pull_request.head.repo?.full_name ?? 'a deleted fork')
    : workflow_run?.head_repository?.full_name;
  return name === undefined || name.toLowerCase() === own.toLowerCase() ? undefined : name;
};

async function eventOf(path: string | undefined): Promise<unknown> {
  return path === undefined ? {} : JSON.parse(await readFile(path, 'utf8'));
}

/** From the runner's environment and its event file. Fails where this is not a run on GitHub, or not one it can read. */
export async function readContext(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<GitHubContext>> {
  const read = variables.safeParse(environment);
  if (!read.success) return fail({ what: `this is no GitHub Actions run: ${z.prettifyError(read.error)}` });
  const { data } = read;
  let content: unknown;
  try {
    content = await eventOf(data.GITHUB_EVENT_PATH);
  } catch (error) {
    return fail({
      what: 'the event of this run cannot be read',
      where: data.GITHUB_EVENT_PATH ?? '',
      detail: String(error),
    });
  }
  const parsed = payload.safeParse(content);
  if (!parsed.success)
    return fail({ what: 'the event of this run is not what GitHub describes', detail: z.prettifyError(parsed.error) });
  const event = parsed.data;
  const [owner = '', repo = ''] = data.GITHUB_REPOSITORY.split('/');
  const pullRequest =
    event.pull_request?.number ?? queued(event.merge_group?.head_ref) ?? event.workflow_run?.pull_requests[0]?.number;
  const fork = forkOf(event, data.GITHUB_REPOSITORY);
  const checkRunId = data['INPUT_CHECK-RUN-ID'];
  return ok({
    repository: { owner, repo },
    event: data.GITHUB_EVENT_NAME,
    sha: event.pull_request?.head.sha ?? event.merge_group?.head_sha ?? event.workflow_run?.head_sha ?? data.GITHUB_SHA,
    apiUrl: data.GITHUB_API_URL,
    runUrl: `${data.GITHUB_SERVER_URL}/${data.GITHUB_REPOSITORY}/actions/runs/${data.GITHUB_RUN_ID}`,
    runId: data.GITHUB_RUN_ID,
    attempt: data.GITHUB_RUN_ATTEMPT,
    ...(checkRunId === undefined ? {} : { checkRunId }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(fork === undefined ? {} : { fork }),
  });
}

/**
 * Why this run must not deploy. Code from a fork is a stranger's; `pull_request_target` and `workflow_run` run a stranger's
 * change with the repository's secrets at hand.
 */
export function refusal({ event, fork }: GitHubContext): Failure | undefined {
  if (event === 'pull_request_target')
    return {
      what: 'refused to deploy on pull_request_target: it hands the secrets of this repository to a run that a stranger can start',
      advice: 'deploy on push, on workflow_dispatch or on pull_request',
    };
  if (fork !== undefined)
    return {
      what: `refused to deploy code of ${fork}: only this repository's own code is deployed`,
      advice: 'merge it first, or push it to a branch of this repository',
    };
  return undefined;
}
