import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { type Answer, answerOf, problem } from './answers.ts';
import { type Route, requestErrors, responseErrors, routeOf } from './description.ts';
import { emptyState, type GitHubState } from './state.ts';

/** How GitHub can fail. `after` does what was asked and then loses the answer: the client cannot know that it was done. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'after'; readonly status: number }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'no-answer' }
  | { readonly kind: 'hang-up' };

/** A fault, for operations (`issues/create-comment`) or all of them, a number of times or until it is taken back. */
interface Trouble {
  readonly fault: Fault;
  readonly operations?: readonly string[];
  readonly times?: number;
}

interface Seen {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
}

export interface GitHubServer {
  /** For GITHUB_API_URL. */
  readonly url: string;
  readonly state: GitHubState;
  readonly seen: readonly Seen[];
  /** Requests of the client, and answers of this server, that do not conform to GitHub's description. */
  readonly violations: readonly string[];
  /** Returns a function that takes the trouble back. */
  trouble(trouble: Trouble): () => void;
  close(): Promise<void>;
}

export interface GitHubOptions {
  readonly port?: number;
  /** The user whose token it is; without one, a workflow's own token. */
  readonly login?: string;
}

const fields = z.record(z.string(), z.unknown());

const bodyOf = async (request: IncomingMessage): Promise<unknown> =>
  Number(request.headers['content-length'] ?? 0) > 0 ? json(request) : undefined;

const statusFault = ({ status, message, headers }: Extract<Fault, { kind: 'status' }>): Answer =>
  problem(status, message ?? (status === 404 ? 'Not Found' : `Trouble ${status}`), headers);

interface World {
  readonly state: GitHubState;
  readonly seen: Seen[];
  readonly violations: string[];
  readonly troubles: { left: number; readonly trouble: Trouble }[];
}

function faultFor({ troubles }: World, route: Route): Fault | undefined {
  const found = troubles.find(({ left, trouble }) => left > 0 && (trouble.operations?.includes(route.id) ?? true));
  if (found !== undefined) found.left -= 1;
  return found?.trouble.fault;
}

function proper({ state, violations }: World, asked: { route: Route; query: URLSearchParams; body: unknown }): Answer {
  const errors = requestErrors(asked.route, asked.query, asked.body);
  if (errors.length === 0) return answerOf({ ...asked, body: fields.safeParse(asked.body).data ?? {}, state });
  violations.push(...errors.map((error) => `request ${asked.route.id}: ${error}`));
  return problem(422, `Invalid request: ${errors.join(', ')}`);
}

async function handle(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const method = request.method ?? 'GET';
  const route = routeOf(method, url.pathname);
  const body = await bodyOf(request);
  const note = (status: number) =>
    world.seen.push({ operation: route?.id ?? 'unknown', method, path: url.pathname, body, status });
  const send = (answer: Answer) => {
    const errors = route === undefined ? [] : responseErrors(route, answer.status, answer.body);
    world.violations.push(...errors.map((error) => `answer ${answer.status} to ${route?.id}: ${error}`));
    note(answer.status);
    response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  };
  const authorized = /^(token|bearer) ./i.test(request.headers.authorization ?? '');
  const fault = route === undefined || !authorized ? undefined : faultFor(world, route);
  if (route === undefined) {
    world.violations.push(`request ${method} ${url.pathname}: not described`);
    send(problem(404, 'Not Found'));
  } else if (!authorized) send(problem(401, 'Requires authentication'));
  else if (fault?.kind === 'status') send(statusFault(fault));
  else if (fault?.kind === 'no-answer') note(0);
  else if (fault?.kind === 'hang-up') response.destroy();
  else {
    const answer = proper(world, { route, query: url.searchParams, body });
    const told = fault?.kind === 'after' ? problem(fault.status, 'Server Error') : answer;
    setTimeout(() => send(told), fault?.kind === 'slow' ? fault.ms : 0);
  }
}

/**
 * GitHub's REST API as far as Fleetflip uses it, on 127.0.0.1, with a memory. Every request and every answer is held
 * against GitHub's own description.
 */
export async function startGitHub({ port = 0, login }: GitHubOptions = {}): Promise<GitHubServer> {
  const world: World = { state: emptyState(login), seen: [], violations: [], troubles: [] };
  const server = createServer((request, response) => void handle(world, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}`,
    state: world.state,
    seen: world.seen,
    violations: world.violations,
    trouble(trouble) {
      const entry = { left: trouble.times ?? Number.POSITIVE_INFINITY, trouble };
      world.troubles.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
