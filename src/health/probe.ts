import { type IncomingMessage, request } from 'node:http';
import { Duplex } from 'node:stream';
import { connectionWords } from '../connection-words.ts';
import { foreignWords } from '../foreign-words.ts';
import type { HealthConfig } from '../inputs/config.ts';
import type { Failure } from '../result.ts';
import type { Server } from '../servers/port.ts';
import { type Answer, answerOf, bodyLimit } from './answer.ts';

export interface Asking {
  readonly health: HealthConfig;
  /** Milliseconds for the connection and the whole answer. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** Asks one instance once, over a connection of its own from the server to its port. Never rejects. */
export function probe(server: Server, port: number, { health, withinMs, signal }: Asking): Promise<Answer> {
  return new Promise((resolve) => {
    const asked = request({
      path: health.path,
      headers: { host: health.host ?? 'localhost', 'user-agent': 'fleetflip' },
      createConnection: (_options, done) => {
        void server.forward({ port }).then((stream) => {
          if (!stream.ok) return done(new Error(forwardWords(stream.failure)), new Duplex());
          if (asked.destroyed) stream.value.destroy();
          done(null, stream.value);
        });
        return undefined;
      },
    });
    const stop = () => asked.destroy(new Error(signal.aborted ? 'no answer yet' : `no answer within ${withinMs} ms`));
    const timer = setTimeout(stop, withinMs);
    signal.addEventListener('abort', stop, { once: true });
    const settle = (answer: Answer) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(answer);
      asked.destroy();
    };
    const give = (error: unknown) => settle({ answered: false, words: foreignWords(connectionWords(error)) });
    asked.on('error', give);
    asked.once('response', (response) => read(response, health, { settle, give }));
    asked.end();
  });
}

/** A refused connection is the usual answer of an instance that has not come up yet. */
const forwardWords = ({ what, detail }: Failure): string =>
  /refused/i.test(detail ?? what) ? 'connection refused' : (detail ?? what);

interface Ends {
  readonly settle: (answer: Answer) => void;
  readonly give: (error: unknown) => void;
}

function read(response: IncomingMessage, health: HealthConfig, { settle, give }: Ends): void {
  const { statusCode: status = 0, statusMessage: statusText = '', headers } = response;
  const named = health.releaseHeader === undefined ? undefined : headers[health.releaseHeader.toLowerCase()];
  let body = '';
  const finish = () => {
    const releaseHeader = named === undefined ? {} : { releaseHeader: [named].flat().join(', ') };
    settle(answerOf({ status, statusText, body, ...releaseHeader }, health));
  };
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    body = (body + text).slice(0, bodyLimit);
    if (body.length === bodyLimit) finish();
  });
  response.once('end', finish);
  response.once('error', give);
}
