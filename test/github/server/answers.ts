import type { Route } from './description.ts';
import { sample, user } from './samples.ts';
import { authorOf, type Comment, type Deployment, type GitHubState, type Pull, type Status } from './state.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly state: GitHubState;
}

export const problem = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body: {
    message,
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
    ...(status === 422
      ? { errors: [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message }] }
      : {}),
  },
});

const done = (body: unknown, status = 200): Answer => ({ status, body });

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const commentOf = (comment: Comment): object =>
  sample('issue-comment', {
    id: comment.id,
    body: comment.body,
    user: user(comment.login),
    html_url: `https://github.test/acme/shop/pull/${comment.issue}#issuecomment-${comment.id}`,
    author_association: 'NONE',
  });

const deploymentOf = ({ id, ref, environment, login, payload }: Deployment): object =>
  sample('deployment', { id, ref, sha: ref, environment, payload: payload ?? {}, creator: user(login) });

const statusOf = (status: Status): object =>
  sample('deployment-status', {
    id: status.id,
    state: status.state,
    description: status.description,
    log_url: status.logUrl || 'https://github.test/',
    environment_url: status.environmentUrl || 'https://github.test/',
  });

const pullOf = (pull: Pull): object => {
  const dull = sample('pull-request-simple', {});
  const head = 'head' in dull && typeof dull.head === 'object' ? dull.head : {};
  return {
    ...dull,
    number: pull.number,
    state: pull.state,
    merge_commit_sha: pull.mergeSha ?? null,
    merged_at: pull.mergedAt ?? null,
    head: { ...head, sha: pull.headSha },
  };
};

const page = <T>(items: readonly T[], query: URLSearchParams): T[] => {
  const size = Number(query.get('per_page') ?? 30);
  const first = (Number(query.get('page') ?? 1) - 1) * size;
  return items.slice(first, first + size);
};

function writeComment({ route, body, state }: Asked): Answer {
  const text = textOf(body['body']);
  if (text.length > 65_536) return problem(422, 'Body is too long (maximum is 65536 characters)');
  const known = state.comments.find(({ id }) => String(id) === route.parameters['comment_id']);
  if (route.method === 'patch') {
    if (known === undefined) return problem(404, 'Not Found');
    known.body = text;
    known.edits += 1;
    return done(commentOf(known));
  }
  const issue = Number(route.parameters['issue_number']);
  const comment = { id: state.nextId(), issue, login: authorOf(state), body: text, edits: 0 };
  state.comments.push(comment);
  return done(commentOf(comment), 201);
}

function createDeployment({ body, state }: Asked): Answer {
  // Both are what a real run meets: its own check is still running, and its branch may be behind.
  if (body['auto_merge'] !== false) return done({ message: 'Auto-merged main into topic on deployment.' }, 202);
  if (!Array.isArray(body['required_contexts'])) return problem(409, 'Conflict: Commit status checks failed.');
  const deployment: Deployment = {
    id: state.nextId(),
    ref: textOf(body['ref']),
    environment: textOf(body['environment']) || 'production',
    login: authorOf(state),
    payload: body['payload'],
    statuses: [],
  };
  state.deployments.push(deployment);
  return done(deploymentOf(deployment), 201);
}

function createStatus({ route, body, state }: Asked): Answer {
  const deployment = state.deployments.find(({ id }) => String(id) === route.parameters['deployment_id']);
  if (deployment === undefined) return problem(404, 'Not Found');
  const description = textOf(body['description']);
  if (description.length > 140) return problem(422, 'description is too long (maximum is 140 characters)');
  const status: Status = {
    id: state.nextId(),
    state: textOf(body['state']),
    description,
    logUrl: textOf(body['log_url']),
    environmentUrl: textOf(body['environment_url']),
  };
  deployment.statuses.push(status);
  return done(statusOf(status), 201);
}

function checkRun({ route, state }: Asked): Answer {
  const id = Number(route.parameters['check_run_id']);
  if (!state.checkRuns.has(id)) return problem(404, 'Not Found');
  const deployment = state.deployments.find((one) => one.id === state.checkRuns.get(id));
  const { environment, id: deploymentId } = deployment ?? {};
  const part = deployment && { deployment: sample('deployment-simple', { id: deploymentId, environment }) };
  return done(sample('check-run', { id, status: 'in_progress', conclusion: null, ...part }));
}

const listDeployments = ({ query, state }: Asked): Answer => {
  const matches = (key: string, value: string) => query.get(key) === null || query.get(key) === value;
  const found = state.deployments.filter((one) => matches('environment', one.environment) && matches('sha', one.ref));
  return done(page(found.toReversed(), query).map(deploymentOf));
};

const answers: Readonly<Record<string, (asked: Asked) => Answer>> = {
  'users/get-authenticated': ({ state }) =>
    state.login === undefined
      ? problem(403, 'Resource not accessible by integration')
      : done(sample('private-user', { login: state.login, type: 'User' })),
  'issues/list-comments': ({ route, query, state }) => {
    const issue = Number(route.parameters['issue_number']);
    return done(
      page(
        state.comments.filter((comment) => comment.issue === issue),
        query,
      ).map(commentOf),
    );
  },
  'issues/create-comment': writeComment,
  'issues/update-comment': writeComment,
  'issues/get-comment': ({ route, state }) => {
    const found = state.comments.find(({ id }) => String(id) === route.parameters['comment_id']);
    return found === undefined ? problem(404, 'Not Found') : done(commentOf(found));
  },
  'repos/list-pull-requests-associated-with-commit': ({ route, query, state }) =>
    done(page(state.pulls.get(route.parameters['commit_sha'] ?? '') ?? [], query).map(pullOf)),
  'checks/get': checkRun,
  'repos/list-deployments': listDeployments,
  'repos/create-deployment': createDeployment,
  'repos/list-deployment-statuses': ({ route, query, state }) => {
    const found = state.deployments.find(({ id }) => String(id) === route.parameters['deployment_id']);
    return found === undefined
      ? problem(404, 'Not Found')
      : done(page(found.statuses.toReversed(), query).map(statusOf));
  },
  'repos/create-deployment-status': createStatus,
};

export const answerOf = (asked: Asked): Answer => answers[asked.route.id]?.(asked) ?? problem(404, 'Not Found');
