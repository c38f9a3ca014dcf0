import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { compile } from '../../../lab/native.ts';
import { trafficStarter } from '../../../lab/traffic.ts';
import { summarise } from '../../../lab/traffic-records.ts';
import { listen } from '../../support/listen.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetflip-traffic-'));
});
afterAll(() => rm(folder, { recursive: true }));

const programs: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  native: async () => [await compile('traffic', folder)],
  embedded: async () => [process.execPath, join(import.meta.dirname, '../../../lab/embedded/traffic.ts')],
};

type Reply = (socket: Socket, request: number) => void;

const good =
  (release: string): Reply =>
  (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\nX-Release: ${release}\r\nContent-Length: 2\r\n\r\nok`);

/** A server that does with each request, counted per connection, what it is told. */
async function serve(reply: Reply): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    let requests = 0;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => reply(socket, ++requests));
  });
  const port = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}

describe.each(Object.keys(programs))('the %s traffic program', (name) => {
  async function send(urls: readonly string[], enough: () => boolean) {
    const program = await programs[name]?.();
    const traffic = trafficStarter(program ?? [], urls, folder)({ keepAlive: 2, closing: 0, thinkMs: 1 });
    expect(await traffic.answered).toBe(true);
    while (!enough()) await new Promise((resolve) => setTimeout(resolve, 5));
    return traffic.stop();
  }

  test('sees two releases at once', async () => {
    let answers = 0;
    const counting =
      (release: string): Reply =>
      (socket, request) => {
        answers++;
        good(release)(socket, request);
      };
    const records = await send([await serve(counting('old')), await serve(counting('new'))], () => answers > 50);
    const summary = summarise(records, 'new');
    expect(summary.failed).toBe(0);
    expect(summary.mixed).toBeGreaterThan(0);
  });

  test('repeats a request that a kept connection swallowed, and says so', async () => {
    let swallowed = 0;
    const reply: Reply = (socket, request) => {
      if (request < 3) return good('r1')(socket, request);
      swallowed++;
      socket.destroy();
    };
    const summary = summarise(await send([await serve(reply)], () => swallowed > 3), 'r1');
    expect(summary).toMatchObject({ failed: 0 });
    expect(summary.retried).toBeGreaterThan(2);
  });

  test('counts an answer that breaks off as failed, and does not repeat it', async () => {
    let cut = 0;
    const reply: Reply = (socket, request) => {
      if (request < 3) return good('r1')(socket, request);
      cut++;
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    };
    const summary = summarise(await send([await serve(reply)], () => cut > 3), 'r1');
    expect(summary.failed).toBeGreaterThan(2);
    expect(summary.retried).toBe(0);
  });
});
