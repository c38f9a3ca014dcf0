import { type Agent, type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { connectionWords } from '../connection-words.ts';
import type { ReleaseId } from '../fleet/nouns.ts';
import type { Observation } from './verdict.ts';

/** What to ask, again and again. */
export interface Question {
  readonly url: URL;
  /** Header that names the release; the trimmed body does without it. */
  readonly releaseHeader?: string;
  /** Milliseconds for the whole answer. */
  readonly timeoutMs: number;
}

type Answer = Observation['answer'];

/** An answer, or the news that the connection had been closed before the request reached anyone. */
interface Asked {
  readonly answer: Answer;
  readonly unheard: boolean;
}

/** Longest release name that is read; an HTML page in place of a release is cut here. */
const releaseLength = 128;

/**
 * Asks once and reads the whole answer. A cache between must not answer for the fleet, so it is asked to look further.
 * `unheard`: a reused connection ended without a byte of an answer. Servers close idle connections at any time, so every
 * client repeats a GET then (RFC 9112, 9.3.1); no user sees that.
 */
export function ask({ url, releaseHeader, timeoutMs }: Question, agent: Agent): Promise<Asked> {
  return new Promise((resolve) => {
    const headers = { 'cache-control': 'no-cache', 'user-agent': 'fleetflip-witness' };
    const request = (url.protocol === 'https:' ? overHttps : overHttp)(url, { agent, headers });
    const heard = bytesHeard(request);
    const settle = (answer: Answer, unheard = false) => {
      clearTimeout(timer);
      resolve({ answer, unheard });
    };
    const timer = setTimeout(() => {
      settle(bad(`no complete answer within ${timeoutMs / 1000} s`));
      request.destroy();
    }, timeoutMs);
    request.on('error', (error) =>
      settle(bad(connectionWords(error)), wasClosed(error) && request.reusedSocket && heard() === 0),
    );
    request.on('response', (response) => read(response, releaseHeader, settle));
    request.end();
  });
}

const bad = (why: string): Answer => ({ good: false, why });

const wasClosed = (error: Error) => 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');

/** Bytes that came on the request's connection since it was given to the request. */
function bytesHeard(request: ClientRequest): () => number {
  let before = 0;
  request.once('socket', (socket) => {
    before = socket.bytesRead;
  });
  return () => (request.socket?.bytesRead ?? before) - before;
}

function read(response: IncomingMessage, releaseHeader: string | undefined, settle: (answer: Answer) => void): void {
  const { statusCode = 0, statusMessage = '' } = response;
  let body = '';
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    body = (body + text).slice(0, 4 * releaseLength);
  });
  response.on('error', (error) => settle(bad(`${connectionWords(error)} (status ${statusCode})`)));
  response.on('end', () => {
    if (statusCode < 200 || statusCode > 299) return settle(bad(`status ${statusCode} ${statusMessage}`.trimEnd()));
    const release = releaseHeader === undefined ? body : response.headers[releaseHeader.toLowerCase()];
    settle({ good: true, ...named(release) });
  });
}

/** What comes from outside goes into reports: one line, no control characters, not endless. */
function named(release: string | string[] | undefined): { readonly release?: ReleaseId } {
  const name = [release]
    .flat()
    .join(', ')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, releaseLength);
  return name === '' ? {} : { release: name };
}
