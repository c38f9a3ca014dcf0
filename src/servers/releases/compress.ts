import { promisify } from 'node:util';
import { deflateRaw, gzip } from 'node:zlib';
import type { Piece } from './archive.ts';

/** Node's pool for such work has four threads. */
const piecesAtOnce = 4;
const sampleBytes = 8 * 1024;
/** A sample that stays above this share of its size is of images or archives, which only cost time. */
const worthwhile = 0.9;

const gzipped = promisify(gzip);
const deflated = promisify(deflateRaw);

/**
 * Compresses each piece by itself, several at once: gzip members one after another are a gzip file (RFC 1952, section 2.2). At
 * level 1, as packing has to keep up with all servers together; what does not shrink is only wrapped.
 */
export async function* compress(pieces: Iterable<Piece>): AsyncGenerator<Piece> {
  const underway: Promise<Piece>[] = [];
  for (const piece of pieces) {
    const next = compressPiece(piece);
    // A failure is met below, in its turn.
    next.catch(() => {});
    underway.push(next);
    const oldest = underway.length === piecesAtOnce ? underway.shift() : undefined;
    if (oldest) yield await oldest;
  }
  for (const rest of underway) yield await rest;
}

async function compressPiece({ bytes, completes }: Piece): Promise<Piece> {
  const middle = Math.max(0, Math.floor((bytes.length - sampleBytes) / 2));
  const sample = bytes.subarray(middle, middle + sampleBytes);
  const small = (await deflated(sample, { level: 1 })).length;
  return { bytes: await gzipped(bytes, { level: small < sample.length * worthwhile ? 1 : 0 }), completes };
}
