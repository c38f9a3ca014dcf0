import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { listen } from '../support/listen.ts';

/** Fastly's purge by surrogate keys, written from its API documentation and apart from the driver. */
export interface FastlyServer {
  readonly endpoint: string;
  /** One entry per accepted purge, in their order. */
  readonly purges: { readonly keys: readonly string[]; readonly soft: boolean }[];
  /** Answers so many requests with a status; `retryAfter` in seconds. May be changed at any time. */
  readonly faults: { refuse: { times: number; status: number; retryAfter?: number } | undefined; drop: number };
  /** Requests of any kind. */
  readonly log: string[];
  close(): Promise<void>;
}

export interface FastlyOptions {
  readonly service: string;
  readonly token: string;
  /** A second token that Fastly knows but that may not purge this service. */
  readonly powerless?: string;
}

const largestBatch = 256;
const largestHeader = 16_384;

export async function startFastly(options: FastlyOptions): Promise<FastlyServer> {
  const state: State = { ...options, purges: [], log: [], faults: { refuse: undefined, drop: 0 } };
  const server = createServer((request, response) => {
    answer(state, request, response).catch(() => response.destroy());
  });
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { endpoint, purges: state.purges, faults: state.faults, log: state.log, close };
}

type State = FastlyOptions & Pick<FastlyServer, 'purges' | 'faults' | 'log'>;

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults } = state;
  state.log.push(`${request.method} ${request.url}`);
  if (faults.drop > 0) {
    faults.drop -= 1;
    request.socket.destroy();
    return;
  }
  const body = await text(request);
  if (faults.refuse && faults.refuse.times > 0) {
    const { status, retryAfter } = faults.refuse;
    faults.refuse.times -= 1;
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
    return send(response, status, { msg: 'asked for by the test' });
  }
  const [status, told] = judge(state, request, body);
  send(response, status, told);
}

type Reply = readonly [status: number, body: Readonly<Record<string, string>>];

function judge(state: State, { headers, method, url }: IncomingMessage, body: string): Reply {
  const token = headers['fastly-key'];
  if (token !== state.token && token !== state.powerless)
    return [401, { msg: 'Provided credentials are missing or invalid' }];
  if (token === state.powerless) return [403, { msg: 'You are not authorized to perform this action' }];
  if (method !== 'POST') return [405, { msg: 'Method not allowed' }];
  if (url !== `/service/${state.service}/purge`) return [404, { msg: 'Record not found' }];
  const header = headers['surrogate-key'];
  const keys = typeof header === 'string' ? header.split(' ').filter(Boolean) : keysOf(body);
  if (keys === undefined || keys.length === 0) return [400, { msg: 'Bad request', detail: 'no surrogate keys' }];
  if (keys.length > largestBatch || String(header).length > largestHeader) {
    return [400, { msg: 'Bad request', detail: `too many surrogate keys: ${keys.length}` }];
  }
  state.purges.push({ keys, soft: headers['fastly-soft-purge'] === '1' });
  return [200, Object.fromEntries(keys.map((key, index) => [key, `${state.purges.length}-${index}`]))];
}

const jsonBody = z.object({ surrogate_keys: z.array(z.string()) });

function keysOf(body: string): string[] | undefined {
  try {
    return jsonBody.parse(JSON.parse(body)).surrogate_keys;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: Reply[1]): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
