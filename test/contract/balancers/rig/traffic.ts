/**
 * A child process with the users: half of them keep their connection, half close it after every request. A request counts as mixed
 * when it was sent after any user had been answered by the release `expect`, and another release answered it.
 */
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import type { TrafficReport } from './processes.ts';

const message = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('start'),
    address: z.string(),
    ports: z.array(z.number()),
    users: z.number(),
    thinkMs: z.number(),
    path: z.string(),
  }),
  z.object({ do: z.literal('expect'), release: z.string() }),
  z.object({ do: z.literal('report') }),
]);

interface Seen {
  readonly sentAt: number;
  readonly doneAt: number;
  /** The release that answered; missing where the answer was not a whole 200. */
  readonly release?: string;
  readonly detail?: string;
}

let seen: Seen[] = [];
let expected = '';
/** When the first answer of the expected release came. */
let firstAt = Number.POSITIVE_INFINITY;

function report(): TrafficReport {
  const failures = seen.filter((one) => one.release === undefined);
  const mixed = seen.filter((one) => one.release !== undefined && one.release !== expected && one.sentAt > firstAt);
  return {
    requests: seen.length,
    failed: failures.length,
    mixed: mixed.length,
    expected: seen.filter((one) => one.release === expected).length,
    longestMs: Math.max(0, ...seen.map((one) => one.doneAt - one.sentAt)),
    details: failures.slice(0, 5).map((one) => one.detail ?? ''),
  };
}

function note(one: Seen) {
  seen.push(one);
  if (one.release === expected) firstAt = Math.min(firstAt, one.doneAt);
}

/** The release in a complete 200 answer; `undefined` while it is not complete. */
function releaseIn(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n');
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
  return end > 0 && text.length >= end + 4 + length ? /x-release: (\S+)/i.exec(text)?.[1] : undefined;
}

const request = (path: string, keep: boolean) =>
  `GET ${path} HTTP/1.1\r\nHost: shop\r\nConnection: ${keep ? 'keep-alive' : 'close'}\r\n\r\n`;

function ask(socket: Socket, path: string, keep: boolean): Promise<boolean> {
  const sentAt = performance.now();
  let text = '';
  return new Promise((resolve) => {
    const settle = (outcome: { release: string } | { detail: string }) => {
      socket.off('data', take).off('close', broken);
      note({ sentAt, doneAt: performance.now(), ...outcome });
      resolve('release' in outcome);
    };
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const release = releaseIn(text);
      if (release !== undefined) settle({ release });
      else if (/^HTTP\/1.1 [^2]/.test(text)) settle({ detail: text.slice(0, 60) });
    };
    const broken = () => settle({ detail: `closed after ${text.length} bytes` });
    socket.on('data', take).once('close', broken);
    socket.write(request(path, keep));
  });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Habit {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly keep: boolean;
  readonly thinkMs: number;
}

async function user({ host, port, path, keep, thinkMs }: Habit): Promise<never> {
  let socket: Socket | undefined;
  for (;;) {
    if (socket === undefined) {
      socket = connect({ host, port });
      socket.on('error', () => {});
    }
    const good = await ask(socket, path, keep);
    if (!good || !keep) {
      socket.destroy();
      socket = undefined;
    }
    await pause(thinkMs);
  }
}

process.on('message', (raw) => {
  const wanted = message.parse(raw);
  if (wanted.do === 'report') {
    process.send?.(report());
    return;
  }
  if (wanted.do === 'expect') {
    expected = wanted.release;
    firstAt = Number.POSITIVE_INFINITY;
    seen = [];
  } else {
    for (let index = 0; index < wanted.users; index++) {
      const port = wanted.ports[index % wanted.ports.length] ?? 0;
      void user({ host: wanted.address, port, path: wanted.path, keep: index % 4 < 2, thinkMs: wanted.thinkMs });
    }
  }
  process.send?.('done');
});
process.on('disconnect', () => process.exit());
