import type { Readable } from 'node:stream';

export interface Collected {
  readonly text: () => string;
  /** The first bytes are there. */
  readonly spoke: Promise<void>;
  readonly ended: Promise<void>;
}

/** Keeps what a stream says until it ends. Beyond the limit it is read, so that nobody waits, and thrown away. */
export function collect(stream: Readable, limit = 8 * 1024 * 1024): Collected {
  const chunks: Buffer[] = [];
  let room = limit;
  stream.on('data', (chunk: Buffer) => {
    if (room <= 0) return;
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
  });
  const spoke = new Promise<void>((resolve) => stream.once('data', () => resolve()));
  const ended = new Promise<void>((resolve) => {
    stream
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve());
  });
  return { text: () => Buffer.concat(chunks).toString(), spoke, ended };
}
