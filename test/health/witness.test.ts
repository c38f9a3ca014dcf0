import { Agent, createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server as NetServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../../src/health/ask.ts';
import { startWitness } from '../../src/health/witness.ts';
import { startClock } from '../../src/rollout/clock.ts';
import { listen } from '../support/listen.ts';

const running: { close(): void }[] = [];
afterEach(() => {
  for (const server of running.splice(0)) server.close();
});

const started = async (server: NetServer): Promise<number> => {
  running.push(server);
  return listen(server);
};

/** A fleet of one behind an address: `answer` may be exchanged at any time. */
async function site(answer: RequestListener) {
  const state = { answer };
  const server = createServer((request, response) => state.answer(request, response));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await started(server);
  return { state, sockets, url: `http://127.0.0.1:${port}/healthz` };
}

const release =
  (id: string): RequestListener =>
  (_, response) =>
    response.setHeader('X-Release', id).end('ok');

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition never held');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const options = { ratePerSecond: 200, releaseHeader: 'X-Release', wanted: 'new' };

test('sees a clean flip as one: nothing failed, nothing mixed, old before new', async () => {
  const { state, url } = await site(release('old'));
  const witness = startWitness({ ...options, url, clock: startClock() });
  expect(await witness.answered('any', 5000)).toBe(true);
  expect(await witness.answered('wanted', 0)).toBe(false);
  state.answer = release('new');
  expect(await witness.answered('wanted', 5000)).toBe(true);
  const summary = await witness.stop();
  expect(summary).toMatchObject({ failed: 0, mixed: 0, mixedMs: 0, retried: 0 });
  expect(summary.firstNewAt).toBeGreaterThan(summary.lastOldAt ?? Number.POSITIVE_INFINITY);
});

test('sees an old answer after a new one', async () => {
  let turn = 0;
  const { url } = await site((request, response) => {
    turn += 1;
    release(turn % 3 === 0 ? 'new' : 'old')(request, response);
  });
  const witness = startWitness({ ...options, url, clock: startClock() });
  await witness.answered('wanted', 5000);
  await until(() => turn > 20);
  const summary = await witness.stop();
  expect(summary.mixed).toBeGreaterThan(0);
  expect(summary.mixedMs).toBeGreaterThan(0);
  expect(summary.failed).toBe(0);
  expect(summary.samples[0]).toMatch(/^answered by old after the new release had answered/);
});

test('asks on schedule while nobody answers, and waits for what is on its way', async () => {
  const waiting: (() => void)[] = [];
  const { url, state } = await site((request, response) => {
    waiting.push(() => release('new')(request, response));
  });
  const witness = startWitness({ ...options, url, clock: startClock() });
  await until(() => waiting.length >= 20);
  const stopping = witness.stop();
  state.answer = release('new');
  for (const answer of waiting) answer();
  const summary = await stopping;
  expect(summary.requests).toBeGreaterThanOrEqual(20);
  expect(summary.failed).toBe(0);
  expect(summary.outageMs).toBeGreaterThan(80);
});

test('half of the requests reuse a connection, half open one of their own; none is left in the end', async () => {
  const perSocket = new Map<Socket, number>();
  const { url, sockets } = await site((request, response) => {
    perSocket.set(request.socket, (perSocket.get(request.socket) ?? 0) + 1);
    expect(request.headers['cache-control']).toBe('no-cache');
    release('new')(request, response);
  });
  const witness = startWitness({ ...options, url, clock: startClock() });
  await until(() => [...perSocket.values()].reduce((sum, count) => sum + count, 0) >= 40);
  await witness.stop();
  const counts = [...perSocket.values()];
  expect(counts.filter((count) => count === 1).length).toBeGreaterThanOrEqual(10);
  expect(Math.max(...counts)).toBeGreaterThanOrEqual(10);
  await until(() => sockets.size === 0);
});

const badAnswers: readonly (readonly [string, RequestListener])[] = [
  ['status 503 Service Unavailable', (_, response) => response.writeHead(503).end()],
  ['status 302 Found', (_, response) => response.writeHead(302, { location: '/' }).end()],
  [
    'connection closed before the answer was complete (status 200)',
    (_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      response.socket?.end();
    },
  ],
];

test.each(badAnswers)('"%s" is a failed request', async (words, answer) => {
  let asked = 0;
  const { url } = await site((request, response) => {
    asked += 1;
    answer(request, response);
  });
  const witness = startWitness({ ...options, url, clock: startClock() });
  await until(() => asked > 3);
  const summary = await witness.stop();
  expect(summary.failed).toBe(summary.requests);
  expect(summary.samples).toEqual([expect.stringContaining(`${words}: `)]);
  expect(summary.firstNewAt).toBeUndefined();
});

test('takes the body as the release where no header is given, on one line and not endless', async () => {
  const agent = new Agent();
  const { url, state } = await site((_, response) => response.end('  r-42\n'));
  const question = { url: new URL(url), timeoutMs: 5000 };
  expect((await ask(question, agent)).answer).toEqual({ good: true, release: 'r-42' });
  state.answer = (_, response) => response.end(`a\r\n::error::b${'x'.repeat(100_000)}`);
  const { answer } = await ask(question, agent);
  expect(answer.good && answer.release?.length).toBe(128);
  expect(answer.good && answer.release).toMatch(/^a ::error::bx+$/);
  state.answer = (_, response) => response.end();
  expect((await ask(question, agent)).answer).toEqual({ good: true });
});

test('gives up after the whole time, even when bytes keep coming', async () => {
  const { url } = await site((_, response) => {
    const drip = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(drip));
  });
  const { answer } = await ask({ url: new URL(url), timeoutMs: 60 }, new Agent());
  expect(answer).toEqual({ good: false, why: 'no complete answer within 0.06 s' });
});

test('a reused connection that was closed before any byte is asked again once, and counted', async () => {
  let requests = 0;
  const port = await started(
    createTcpServer((socket) => {
      let onThis = 0;
      socket.on('error', () => {});
      socket.on('data', () => {
        onThis += 1;
        requests += 1;
        // Answers the first request of a connection and closes it at the second, as a server does whose idle time is over.
        if (onThis === 1) socket.write('HTTP/1.1 200 OK\r\nx-release: new\r\ncontent-length: 0\r\n\r\n');
        else socket.destroy();
      });
    }),
  );
  const witness = startWitness({ ...options, url: `http://127.0.0.1:${port}/`, clock: startClock() });
  await until(() => requests > 30);
  const summary = await witness.stop();
  expect(summary.failed).toBe(0);
  expect(summary.retried).toBeGreaterThan(0);
  expect(summary.requests).toBeLessThan(requests);
});

test('a new connection that is closed without an answer is a failed request, never repeated', async () => {
  let connections = 0;
  const port = await started(
    createTcpServer((socket) => {
      connections += 1;
      socket.on('error', () => {});
      socket.on('data', () => socket.destroy());
    }),
  );
  const witness = startWitness({ ...options, url: `http://127.0.0.1:${port}/`, clock: startClock() });
  await until(() => connections > 5);
  const summary = await witness.stop();
  expect(summary).toMatchObject({ retried: 0, failed: connections, requests: connections });
});

test('nobody listening is told as such', async () => {
  const { url } = await site(release('new'));
  for (const server of running.splice(0)) server.close();
  const witness = startWitness({ ...options, url, clock: startClock() });
  expect(await witness.answered('any', 100)).toBe(false);
  const summary = await witness.stop();
  expect(summary.samples[0]).toMatch(/^connection refused: /);
});
