import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputEnvironment, readManifest } from './manifest.ts';
import { runStage, type StageResult } from './stage.ts';

/** What GitHub knows about the run. */
export interface GitHubContext {
  readonly apiUrl: string;
  readonly token: string;
  /** `owner/name` */
  readonly repository: string;
  readonly sha: string;
  readonly ref: string;
  readonly eventName: string;
  /** The webhook's payload. */
  readonly event: unknown;
  readonly runId: string;
  readonly checkRunId: string;
}

export interface ActionRun {
  /** Folder of the action: `action.yml` and what it names. */
  readonly action: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly github?: Partial<GitHubContext>;
  /** Added to the environment, as `env:` of the step. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The workspace; a fresh empty folder by default. */
  readonly workspace?: string;
  /** Cancels main as the runner does: SIGINT, 7.5 s, SIGTERM, 2.5 s, SIGKILL. Post runs all the same. */
  readonly cancel?: AbortSignal;
  /** The runner itself goes away: main is killed at once, and post never runs. */
  readonly vanish?: AbortSignal;
  readonly onOutput?: (text: string) => void;
}

export interface ActionResult extends StageResult {
  readonly post?: StageResult;
}

const githubDefaults: GitHubContext = {
  // Nothing listens there: whoever forgets to start a local server reaches no other one.
  apiUrl: 'http://127.0.0.1:9',
  token: 'local-token',
  repository: 'octo/shop',
  sha: '0123456789abcdef0123456789abcdef01234567',
  ref: 'refs/heads/main',
  eventName: 'push',
  event: {},
  runId: '1001',
  checkRunId: '2002',
};

/** Runs a packaged action, main then post, with all that GitHub's runner gives it and nothing else. */
export async function runAction(run: ActionRun): Promise<ActionResult> {
  const manifest = await readManifest(run.action);
  const github = { ...githubDefaults, ...run.github };
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-job-'));
  const cwd = run.workspace ?? folder;
  const eventFile = join(folder, 'event.json');
  await writeFile(eventFile, JSON.stringify(github.event));
  const environment = {
    ...hostEnvironment(),
    ...githubEnvironment(github, { workspace: cwd, eventFile }),
    ...inputEnvironment(manifest, run.inputs, contextsOf(github, cwd)),
    ...run.environment,
  };
  const onOutput = run.onOutput ?? (() => {});
  const script = (file: string) => join(run.action, file);
  const { cancel, vanish } = run;
  const main = await runStage({ script: script(manifest.runs.main), cwd, environment, onOutput, cancel, vanish });
  const state = Object.fromEntries(Object.entries(main.state).map(([name, value]) => [`STATE_${name}`, value]));
  const post =
    manifest.runs.post && !vanish?.aborted
      ? await runStage({ script: script(manifest.runs.post), cwd, environment: { ...environment, ...state }, onOutput })
      : undefined;
  await rm(folder, { recursive: true, force: true });
  return { ...main, ...(post ? { post } : {}) };
}

/** Of this process's own environment only what a fresh runner has too. */
const hostEnvironment = (): Record<string, string | undefined> =>
  Object.fromEntries(['PATH', 'HOME', 'LANG', 'USER', 'TZ'].map((name) => [name, process.env[name]]));

const githubEnvironment = (
  github: GitHubContext,
  { workspace, eventFile }: { workspace: string; eventFile: string },
): Record<string, string> => ({
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_API_URL: github.apiUrl,
  GITHUB_GRAPHQL_URL: `${github.apiUrl}/graphql`,
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: github.repository,
  GITHUB_REPOSITORY_OWNER: github.repository.split('/')[0] ?? '',
  GITHUB_SHA: github.sha,
  GITHUB_REF: github.ref,
  GITHUB_REF_NAME: github.ref.replace(/^refs\/(heads|tags)\//, ''),
  GITHUB_EVENT_NAME: github.eventName,
  GITHUB_EVENT_PATH: eventFile,
  GITHUB_WORKSPACE: workspace,
  GITHUB_RUN_ID: github.runId,
  GITHUB_RUN_NUMBER: '1',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_WORKFLOW: 'deploy',
  GITHUB_JOB: 'deploy',
  GITHUB_ACTION: 'flip',
  GITHUB_ACTOR: 'octocat',
  RUNNER_OS: 'Linux',
  RUNNER_ARCH: 'X64',
  RUNNER_NAME: 'local',
});

/** Contexts that the default of an input may name. */
const contextsOf = (github: GitHubContext, workspace: string): Record<string, string> => ({
  'github.token': github.token,
  'github.sha': github.sha,
  'github.ref': github.ref,
  'github.repository': github.repository,
  'github.run_id': github.runId,
  'github.event_name': github.eventName,
  'github.workspace': workspace,
  'job.check_run_id': github.checkRunId,
  'job.status': 'success',
});
