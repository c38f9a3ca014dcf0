/** What lab/native/traffic.c does, with the same arguments and the same file, where there is no C compiler. */
import { writeFileSync } from 'node:fs';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const [, , targets = '', path = '/', output = '', ...numbers] = process.argv;
const [keepAlive = 0, closing = 0, thinkMs = 0, rate = 1, seconds = 0] = numbers.map(Number);
const errors: Readonly<Record<string, number>> = { ECONNREFUSED: 111, ECONNRESET: 104, EPIPE: 32, ETIMEDOUT: 110 };
const otherError = 71;
const requestLimitMs = 30_000;

const releases: string[] = [];
const records: Buffer[] = [];
let ended = false;
let next = performance.now();

interface Outcome {
  readonly status: number;
  readonly error: number;
  readonly release: string;
}

function outcomeOf(sent: ClientRequest): Promise<Outcome & { readonly unheard: boolean }> {
  return new Promise((resolve) => {
    const failed = (error: Error & { code?: string }) => {
      const unheard = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      resolve({ status: 0, error: errors[error.code ?? ''] ?? otherError, release: '', unheard });
    };
    sent.once('error', failed);
    sent.once('response', (answer: IncomingMessage) => {
      const { statusCode: status = 0, headers } = answer;
      answer.once('error', () => resolve({ status: 0, error: otherError, release: '', unheard: false }));
      answer.once('end', () =>
        resolve({ status, error: 0, release: String(headers['x-release'] ?? ''), unheard: false }),
      );
      answer.resume();
    });
    sent.setTimeout(requestLimitMs, () => sent.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    sent.end();
  });
}

function record(start: bigint, outcome: Outcome, { retries, closes }: { retries: number; closes: boolean }): void {
  if (outcome.release !== '' && !releases.includes(outcome.release)) releases.push(outcome.release);
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(start, 0);
  bytes.writeBigUInt64LE(process.hrtime.bigint(), 8);
  bytes.writeInt16LE(outcome.status, 16);
  bytes.writeUInt16LE(outcome.error, 18);
  bytes.writeUInt16LE(releases.indexOf(outcome.release) + 1, 20);
  bytes.writeUInt8(retries, 22);
  bytes.writeUInt8(closes ? 1 : 0, 23);
  records.push(bytes);
  if (outcome.status === 200) say('ready');
}

async function client(target: string, closes: boolean): Promise<void> {
  const agent = new Agent({ keepAlive: !closes, maxSockets: 1 });
  const send = () => outcomeOf(request(`http://${target}${path}`, { agent }));
  while (!ended) {
    next = Math.max(next + 1000 / rate, performance.now() - 10);
    await delay(Math.max(0, next - performance.now()));
    const start = process.hrtime.bigint();
    const first = await send();
    const outcome = first.unheard ? await send() : first;
    record(start, outcome, { retries: first.unheard ? 1 : 0, closes });
    await delay(thinkMs);
  }
  agent.destroy();
}

let said = false;
function say(word: string): void {
  if (!said) console.log(word);
  said = true;
}

const end = () => {
  ended = true;
};
process.stdin.on('end', end).resume();
process.once('SIGINT', end).once('SIGTERM', end);
setTimeout(end, seconds * 1000).unref();
setTimeout(() => say('no answer'), 5000).unref();
const places = targets.split(',');
await Promise.all(
  Array.from({ length: keepAlive + closing }, (_, index) =>
    client(places[index % places.length] ?? '', index >= keepAlive),
  ),
);
writeFileSync(output, Buffer.concat([Buffer.from(`${releases.map((name) => `${name}\n`).join('')}\n`), ...records]));
process.exit(0);
