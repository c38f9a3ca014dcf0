import { Agent, request } from 'node:http';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as secure } from 'node:tls';
import { fail, ok, type Result } from '../result.ts';
import type { Access } from './access.ts';

/** One JSON request to a balancer's own API; the parsed body of a 2xx answer. */
export interface Client {
  call(method: 'GET' | 'PUT', body?: unknown): Promise<Result<unknown>>;
  close(): void;
}

export interface Endpoint {
  readonly name: string;
  readonly url: URL;
  /** Sent as a bearer token, and never shown. */
  readonly token?: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const answerWithinMs = 3_000;

/**
 * Connections go through the balancer's host where there is one, and stay open between requests. Such a connection is a plain
 * stream without `setKeepAlive` and `ref`, which the agent's own way of keeping it would call.
 */
function agentFor(url: URL, access: Access): Agent {
  const agent = new Agent({ keepAlive: true });
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = url.protocol === 'https:';
  agent.keepSocketAlive = () => true;
  agent.reuseSocket = () => {};
  agent.createConnection = (_options, done) => {
    access.forward({ host, port: Number(url.port || (tls ? 443 : 80)) }).then((stream) => {
      if (!stream.ok) done?.(new Error(stream.failure.detail ?? stream.failure.what), new Duplex());
      else done?.(null, tls ? secure({ socket: stream.value, servername: host }) : stream.value);
    });
    return undefined;
  };
  return agent;
}

interface Wire {
  readonly url: URL;
  readonly agent: Agent;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sent once more where a kept connection was closed by the other side in that moment: both methods may be repeated. */
function exchange(wire: Wire, method: string, body: string): Promise<Answer> {
  const { url, agent, headers } = wire;
  return new Promise((resolve, reject) => {
    const sent = request({
      agent,
      method,
      path: url.pathname + url.search,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(answerWithinMs),
    });
    sent.once('response', (answer) => {
      text(answer).then((words) => resolve({ status: answer.statusCode ?? 0, body: words }), reject);
    });
    sent.once('error', (error: NodeJS.ErrnoException) => {
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(exchange(wire, method, body));
      else reject(error);
    });
    sent.end(body);
  });
}

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'AbortError' ? `no answer within ${answerWithinMs / 1000} s` : error.message;
};

export function makeClient({ name, url, token }: Endpoint, access: Access): Client {
  const agent = agentFor(url, access);
  const hidden = (words: string) => (token ? words.replaceAll(token, '***') : words).slice(0, 500);
  const headers = {
    host: url.host,
    accept: 'application/json',
    'content-type': 'application/json',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  return {
    async call(method, body) {
      const asked = `${method} ${url.origin}${url.pathname}`;
      try {
        const answer = await exchange({ url, agent, headers }, method, body === undefined ? '' : JSON.stringify(body));
        if (answer.status < 200 || answer.status > 299) {
          return fail({ what: `${asked} answered ${answer.status}`, where: name, detail: hidden(answer.body) });
        }
        return ok(answer.body === '' ? undefined : JSON.parse(answer.body));
      } catch (error) {
        return fail({ what: `${asked}: ${hidden(reason(error))}`, where: name });
      }
    },
    close: () => agent.destroy(),
  };
}
