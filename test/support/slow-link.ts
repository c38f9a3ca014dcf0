import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { listen } from './listen.ts';

export interface Link {
  /** Milliseconds that a byte is on its way, in each direction. */
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
}

/** A way to a port of this machine that takes its time, like one through a tunnel over a mobile network. */
export async function slowLink(to: number, link: Link): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay());
      socket.on('error', () => {}).on('close', () => [near, far].forEach((end) => void end.destroy()));
    }
    near.pipe(slowly(link)).pipe(far);
    far.pipe(slowly(link)).pipe(near);
  });
  const port = await listen(server);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What comes while earlier bytes are on their way overtakes none of them, but travels behind them at the same time. */
function slowly({ latencyMs, bytesPerSecond }: Link): Transform {
  let free = 0;
  let last: Promise<void> = Promise.resolve();
  return new Transform({
    highWaterMark: 1024 * 1024,
    transform(bytes: Buffer, _encoding, taken) {
      free = Math.max(free, performance.now()) + (bytes.length / bytesPerSecond) * 1000;
      const arrived = delay(free + latencyMs - performance.now());
      last = Promise.all([last, arrived]).then(() => void this.push(bytes));
      taken();
    },
    flush: (done) => void last.then(() => done()),
  });
}
