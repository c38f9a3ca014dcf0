import { Agent, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connectionWords } from '../../connection-words.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { ForwardTarget, Server } from '../port.ts';
import { decodeAnswer, encodeCall, type RpcAnswer } from './xml-rpc.ts';
import type { RpcValue } from './xml-rpc-values.ts';

/** Where supervisord listens, and who we are there. */
export interface RpcAddress {
  readonly server: Server;
  readonly target: ForwardTarget;
  readonly username?: string;
  readonly password?: string;
}

/** Calls, one after another, over one connection. */
export interface Rpc {
  /** Fails where supervisord did not answer as such. A fault is an answer. */
  call(method: string, ...parameters: readonly RpcValue[]): Promise<Result<RpcAnswer>>;
  close(): void;
}

/** Forking 64 processes takes one call a second or more, and a loaded machine longer. */
const answerWithinMs = 30_000;

/** 1,000 processes are 1.2 MB. */
const answerLimit = 16 * 2 ** 20;

export async function openRpc(address: RpcAddress): Promise<Result<Rpc>> {
  const stream = await address.server.forward(address.target);
  if (!stream.ok) return stream;
  const agent = agentOver(stream.value);
  return ok({
    async call(method, ...parameters) {
      const posted = await post(address, agent, encodeCall(method, parameters));
      return posted.ok ? read(posted.value, address) : posted;
    },
    close() {
      agent.destroy();
      stream.value.destroy();
    },
  });
}

/** Keeps the connection between calls, as supervisord's HTTP server does: over SSH a new one costs a round trip. */
function agentOver(stream: Duplex): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = (_options, done) => {
    if (stream.destroyed) done?.(new Error('supervisord closed the connection'), stream);
    else done?.(null, Object.assign(stream, socketMethods));
    return undefined;
  };
  return agent;
}

const nothing = () => {};

/** An agent calls these of what it keeps. A forwarded channel is a plain stream and has none of them. */
const socketMethods = { setKeepAlive: nothing, setTimeout: nothing, ref: nothing, unref: nothing };

interface Posted {
  readonly status: number;
  readonly body: string;
}

function post({ server, username, password }: RpcAddress, agent: Agent, body: string): Promise<Result<Posted>> {
  const credentials = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  const headers = {
    host: 'localhost',
    'content-type': 'text/xml',
    'content-length': Buffer.byteLength(body),
    ...(username === undefined ? {} : { authorization: `Basic ${credentials}` }),
  };
  return new Promise((resolve) => {
    const sent = request({ agent, method: 'POST', path: '/RPC2', headers });
    const timer = setTimeout(() => sent.destroy(new Error(`none within ${answerWithinMs / 1000} s`)), answerWithinMs);
    const settle = (result: Result<Posted>) => {
      clearTimeout(timer);
      resolve(result);
    };
    const give = (error: unknown) =>
      settle(fail({ what: 'no answer from supervisord', where: server.name, detail: connectionWords(error) }));
    sent.once('error', give);
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > answerLimit) sent.destroy(new Error('the answer is longer than 16 MiB'));
        else chunks.push(chunk);
      });
      response.once('error', give);
      response.once('end', () =>
        settle(ok({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })),
      );
    });
    sent.end(body);
  });
}

function read({ status, body }: Posted, { server, username }: RpcAddress): Result<RpcAnswer> {
  const where = server.name;
  if (status === 401)
    return fail({
      what:
        username === undefined
          ? 'supervisord asks for a user name and password'
          : 'supervisord refuses the user name or password',
      where,
      advice:
        'set process.username and process.password to those in [unix_http_server] or [inet_http_server] of its configuration',
    });
  if (status === 404) return fail(noInterface(where));
  if (status !== 200) return fail({ what: `supervisord answered with HTTP status ${status}`, where });
  const answer = decodeAnswer(body);
  return answer.ok ? answer : fail({ ...answer.failure, where });
}

export const noInterface = (where: string) => ({
  what: 'what listens at process.socket has no RPC interface of supervisord',
  where,
  advice: 'add [rpcinterface:supervisor] to its configuration, as in the sample of `echo_supervisord_conf`',
});
