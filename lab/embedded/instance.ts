/**
 * The application of the embedded lab; in a release it is `bin/serve.mts`, beside nothing but Node.
 * Answers as lab/native/instance.c does, on a unix socket, so that servers on one machine do not share ports.
 *
 *   node serve.mts SOCKET LAB_PID
 */
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const [, , socket = '', lab = ''] = process.argv;
const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const release = read('RELEASE').trim();
const behaviour = read('app.conf');
const sick = behaviour.includes('health=sick');
let working = 0;

if (behaviour.includes('start=crash')) {
  console.error(`release ${release} is broken: it ends at its start`);
  process.exit(1);
}
await delay(Number(/start-delay-ms=(\d+)/.exec(behaviour)?.[1] ?? 0));

const answer = (response: ServerResponse, body = `${release}\n`) =>
  response.writeHead(sick ? 500 : 200, { 'x-release': release, 'content-length': Buffer.byteLength(body) }).end(body);

const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
  const slow = /^\/slow\?ms=(\d+)/.exec(request.url ?? '');
  if (request.url === '/busy') {
    answer(response, `${working}\n`);
    return;
  }
  working++;
  if (slow) await delay(Number(slow[1]));
  working--;
  answer(response);
});
rmSync(socket, { force: true });
server.listen(socket);

process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

// The lab may die without a word; nothing of it may stay behind.
setInterval(() => {
  try {
    process.kill(Number(lab), 0);
  } catch {
    process.exit(0);
  }
}, 1000).unref();
