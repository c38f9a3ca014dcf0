import { markerOf, renderComment, renderShortComment } from '../report/comment.ts';
import type { Event, Reporter } from '../report/events.ts';
import { shortState } from '../report/headline.ts';
import { redacted } from '../report/redacted.ts';
import type { Setting } from '../report/setting.ts';
import { keepTimeline } from '../report/timeline.ts';
import type { Answer, Problem } from './answer.ts';
import { type Channel, createChannel, type Verdict } from './channel.ts';
import { createClient, type GitHub } from './client.ts';
import { type StickyComment, stickyComment } from './comment.ts';
import type { GitHubContext } from './context.ts';
import { type DeploymentRef, findDeployment, postStatus, stateOf } from './deployment.ts';
import { findPullRequest } from './pull-request.ts';
import type { SavedReport } from './state.ts';

export interface GitHubReporterOptions {
  readonly context: GitHubContext;
  /** Missing: nothing is reported to GitHub, and one line says so. */
  readonly token?: string;
  readonly setting: Setting;
  /** Missing: found from the event and the commit. */
  readonly pullRequest?: number | 'none';
  /** Missing: the deployment is the one that GitHub made for the job, or there is none. */
  readonly environment?: string;
  /** Takes secrets out of every text that leaves: GitHub masks its log, but not what comes through its API. */
  readonly redact: (text: string) => string;
  /** Told at most once about each thing that could not be reported. */
  readonly notice: (line: string) => void;
  /** Keeps what post needs; called again whenever it changes. */
  readonly save: (report: SavedReport) => void;
  /** Milliseconds between two writes of a kind; 5,000 by default. */
  readonly everyMs?: number;
}

interface Kind {
  /** For a person: `The comment on the pull request`. */
  readonly name: string;
  /** What the workflow's `permissions:` must have. */
  readonly permission: string;
}

const DONE: Verdict = { next: 'done' };
const STOP: Verdict = { next: 'stop' };
const LONGEST_WAIT = 30_000;

/** What a problem means for further writes; tells the reader about those that end them. */
function judge(kind: Kind, notice: (line: string) => void): (problem: Problem) => Verdict {
  let failures = 0;
  return (problem) => {
    switch (problem.kind) {
      case 'limited':
        return { next: 'again', afterMs: problem.againMs };
      case 'unreachable': {
        const afterMs = Math.min(LONGEST_WAIT, 1_000 * 2 ** failures);
        failures += 1;
        return { next: 'again', afterMs };
      }
      case 'forbidden':
      case 'missing':
        notice(`${kind.name} was not written: the token needs \`${kind.permission}\` (${problem.message}).`);
        return STOP;
      case 'too-long':
      case 'refused':
        notice(`${kind.name} was not written: ${problem.message}`);
        return STOP;
    }
  };
}

/** A mistake of ours in a report is no reason for a deploy to break. */
const guarded = (write: () => Promise<Verdict>, notice: (line: string) => void) => (): Promise<Verdict> =>
  write().catch((error: unknown) => {
    notice(`Reporting stopped, please report this bug: ${error instanceof Error ? error.stack : String(error)}`);
    return STOP;
  });

type Shared = Omit<GitHubReporterOptions, 'token' | 'save'> & {
  readonly client: GitHub;
  readonly view: () => ReturnType<ReturnType<typeof keepTimeline>['view']>;
  readonly keep: (change: Partial<SavedReport>) => void;
};

const commentKind: Kind = { name: 'The comment on the pull request', permission: 'pull-requests: write' };

function commentChannel(shared: Shared): Channel {
  const { client, context, setting, notice, view, keep } = shared;
  const verdictOn = judge(commentKind, notice);
  let comment: StickyComment | undefined;
  let last = '';
  const find = async (): Promise<Answer<number | undefined>> =>
    typeof shared.pullRequest === 'number' ? { ok: true, value: shared.pullRequest } : findPullRequest(client, context);
  const write = async (): Promise<Verdict> => {
    // A look at the fleet does not take the place of the last deploy's report.
    if (view().command === 'status') return STOP;
    if (comment === undefined) {
      const found = await find();
      if (!found.ok) return verdictOn(found.problem);
      if (found.value === undefined) {
        notice('No pull request belongs to this commit: the report is in the summary of the job.');
        return STOP;
      }
      const marker = markerOf(setting.environment);
      comment = stickyComment({ client, repository: context.repository, pullRequest: found.value, marker });
    }
    const timeline = view();
    const body = renderComment(timeline, setting);
    if (body === last) return DONE;
    const full = await comment.put(body);
    const tooLong = !full.ok && full.problem.kind === 'too-long';
    const answer = tooLong ? await comment.put(renderShortComment(timeline, setting)) : full;
    if (!answer.ok) return verdictOn(answer.problem);
    last = body;
    keep({ comment: { id: answer.value, final: timeline.conclusion !== undefined } });
    return DONE;
  };
  return createChannel({ write: guarded(write, notice), everyMs: shared.everyMs ?? 5_000 });
}

const deploymentKind: Kind = { name: 'The status of the deployment', permission: 'deployments: write' };

function deploymentChannel(shared: Shared): Channel {
  const { client, context, environment, setting, notice, view, keep } = shared;
  const verdictOn = judge(deploymentKind, notice);
  let deployment: DeploymentRef | undefined;
  let last = '';
  const write = async (): Promise<Verdict> => {
    const timeline = view();
    // A dry run, or a run that had nothing to do, is no deployment.
    if (timeline.phase === undefined) return DONE;
    if (deployment === undefined) {
      const found = await findDeployment(client, context, environment);
      if (!found.ok) return verdictOn(found.problem);
      if (found.value === undefined) return STOP;
      deployment = found.value;
    }
    const state = stateOf(timeline.conclusion?.result, deployment.own);
    const description = shortState(timeline);
    const url = setting.url === undefined ? {} : { url: setting.url };
    if (last !== `${state} ${description}`) {
      const answer = await postStatus(client, context, { deployment, state, description, ...url });
      if (!answer.ok) return verdictOn(answer.problem);
      last = `${state} ${description}`;
    }
    keep({ deployment: { ...deployment, final: timeline.conclusion !== undefined } });
    return DONE;
  };
  return createChannel({ write: guarded(write, notice), everyMs: shared.everyMs ?? 5_000 });
}

/**
 * Keeps a pull request comment and a deployment up to date. Whatever GitHub does, the run is not slowed by it: events are
 * only noted, and written from time to time in the background, always in their newest state.
 */
export function createGitHubReporter(options: GitHubReporterOptions): Reporter {
  const { token, context, setting, notice, redact, save } = options;
  if (token === undefined || token === '') {
    notice('No github-token: nothing is reported to pull request and deployment.');
    return { report: () => {}, settle: async () => {} };
  }
  const abandon = new AbortController();
  const keeper = keepTimeline();
  let saved: SavedReport = { environment: setting.environment };
  const keep = (change: Partial<SavedReport>) => {
    saved = { ...saved, ...change };
    save(saved);
  };
  const client = createClient({ token, apiUrl: context.apiUrl, signal: abandon.signal });
  const shared: Shared = { ...options, client, view: keeper.view, keep };
  const channels = [
    { kind: deploymentKind, channel: deploymentChannel(shared) },
    ...(options.pullRequest === 'none' ? [] : [{ kind: commentKind, channel: commentChannel(shared) }]),
  ];
  const take = (happened: Event) => {
    const event = redacted(happened, redact);
    keeper.take(event);
    if (event.type !== 'finished') for (const { channel } of channels) channel.poke();
    if (event.type !== 'finished') return;
    const { result, headline } = event.conclusion;
    keep({ ending: { result, headline } });
    for (const { channel } of channels) channel.finish();
  };
  return {
    report: take,
    async settle(deadlineMs) {
      const settled = channels.map(async ({ kind, channel }) => {
        if (!(await channel.settle(deadlineMs)))
          notice(`${kind.name} is not up to date: GitHub did not take the last report.`);
      });
      await Promise.all(settled);
      abandon.abort();
    },
  };
}
