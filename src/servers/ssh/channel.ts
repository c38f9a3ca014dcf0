import { Duplex } from 'node:stream';
import type { Channel } from 'ssh2';
import type { Failure } from '../../result.ts';

/**
 * A channel as a stream that always ends. ssh2's own never calls back a write that the other side no longer takes, and
 * ends a read in peace when the connection breaks; here writes after the other side's close are dropped (what became of
 * them tells the exit code, or the missing answer), and a broken connection is an error.
 */
export function channelStream(channel: Channel, { lost, halfOpen }: { lost: AbortSignal; halfOpen: boolean }): Duplex {
  let closed = false;
  let unsent: (() => void) | undefined;
  const settle = () => {
    const callback = unsent;
    unsent = undefined;
    callback?.();
  };
  const stream = new Duplex({
    allowHalfOpen: halfOpen,
    read: () => channel.resume(),
    write(chunk, _encoding, callback) {
      if (closed) return callback();
      unsent = callback;
      channel.write(chunk, settle);
    },
    final(callback) {
      if (!closed) channel.end();
      callback();
    },
    destroy(error, callback) {
      lost.removeEventListener('abort', breakOff);
      // Closing a channel that has ended by itself would cut off the exit code, which comes after the end of the output.
      if (!closed && !(stream.readableEnded && stream.writableFinished)) channel.close();
      channel.resume();
      settle();
      callback(error);
    },
  });
  // Whoever uses the stream hears of a loss; while nobody listens it must not end the whole program.
  stream.on('error', () => {});
  const breakOff = () => stream.destroy(lossError(lost));
  lost.addEventListener('abort', breakOff, { once: true });
  channel.on('data', (chunk: Buffer) => {
    if (!stream.destroyed && !stream.push(chunk)) channel.pause();
  });
  channel.on('end', () => stream.push(null));
  channel.on('close', () => {
    closed = true;
    lost.removeEventListener('abort', breakOff);
    settle();
  });
  return stream;
}

/** The loss of a connection as the error of a stream. */
function lossError(lost: AbortSignal): Error {
  const failure: Failure = lost.reason;
  return new Error(`${failure.where ?? 'server'}: ${failure.what}`);
}
