import { request } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as secure } from 'node:tls';
import { fail, ok, type Result } from '../result.ts';
import { type Access, dial } from './access.ts';

/** One JSON request to a balancer's own API; the parsed body of a 2xx answer. */
export interface Client {
  call(method: 'GET' | 'PUT', body?: unknown): Promise<Result<unknown>>;
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

/** Through the balancer's host where there is one. Each request has its own connection: nothing to keep, nothing to find closed. */
async function connect({ name, url }: Endpoint, access: Access): Promise<Result<Duplex>> {
  const tls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const stream = await dial(access, { host, port: Number(url.port || (tls ? 443 : 80)) }, answerWithinMs);
  if (!stream.ok) return fail({ ...stream.failure, where: name });
  // A certificate is checked against the name or the address; only a name may be sent (RFC 6066, section 3).
  const named = isIP(host) === 0 ? { servername: host } : {};
  return tls ? ok(secure({ socket: stream.value, host, ...named })) : stream;
}

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const exchange = (stream: Duplex, { method, url, headers, body }: Sent) =>
  new Promise<Answer>((resolve, reject) => {
    const sent = request({
      createConnection: () => stream,
      method,
      path: url.pathname + url.search,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(answerWithinMs),
    });
    sent.once('response', (answer) => {
      text(answer).then((words) => resolve({ status: answer.statusCode ?? 0, body: words }), reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });

const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'AbortError' ? `no answer within ${answerWithinMs / 1000} s` : error.message;
};

export function makeClient(endpoint: Endpoint, access: Access): Client {
  const { name, url, token } = endpoint;
  const hidden = (words: string) => (token ? words.replaceAll(token, '***') : words).slice(0, 500);
  const headers = {
    host: url.host,
    accept: 'application/json',
    connection: 'close',
    'content-type': 'application/json',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  return {
    async call(method, body) {
      const asked = `${method} ${url.origin}${url.pathname}`;
      const stream = await connect(endpoint, access);
      if (!stream.ok) return stream;
      try {
        const sent = { method, url, headers, body: body === undefined ? '' : JSON.stringify(body) };
        const answer = await exchange(stream.value, sent);
        if (answer.status < 200 || answer.status > 299) {
          return fail({ what: `${asked} answered ${answer.status}`, where: name, detail: hidden(answer.body) });
        }
        return ok(answer.body === '' ? undefined : JSON.parse(answer.body));
      } catch (error) {
        return fail({ what: `${asked}: ${hidden(reason(error))}`, where: name });
      } finally {
        stream.value.destroy();
      }
    },
  };
}
