import type { Duplex } from 'node:stream';

/**
 * Reads words, each ended by NUL, up to an empty one; what follows stays in the stream. No words when the stream ends before.
 */
export function readWords(stream: Duplex): Promise<string[]> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const stop = (words: string[]) => {
      stream.off('readable', read).off('end', end).off('error', end);
      resolve(words);
    };
    const end = () => stop([]);
    const read = () => {
      for (let piece = take(stream); piece; piece = take(stream)) {
        seen = Buffer.concat([seen, piece]);
        const at = seen.indexOf('\0\0');
        if (at < 0) continue;
        const words = seen.toString('utf8', 0, at).split('\0');
        const rest = seen.subarray(at + 2);
        stop(words);
        if (rest.length > 0) stream.unshift(rest);
        return;
      }
    };
    stream.on('readable', read).on('end', end).on('error', end);
  });
}

function take(stream: Duplex): Buffer | undefined {
  const piece: unknown = stream.read();
  return Buffer.isBuffer(piece) ? piece : undefined;
}
