import { closeSync, openSync, readSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type ReleaseFile, type ReleaseSize, sizeOf } from './manifest.ts';

/*
 * The runner's own tar is GNU tar, bsdtar or BusyBox, each with other options, and the server's may be BusyBox, which knows
 * nothing of pax headers: names over 100 bytes are therefore written in GNU's way, which all of them read.
 */

const block = 512;
/** Small files are read together and handed on together: each hand-over costs more than their bytes. */
const pieceBytes = 256 * 1024;
const filesAtOnce = 32;

/** A part of an archive, and the files that are complete with it. */
export interface Piece {
  readonly bytes: Buffer;
  readonly completes: ReleaseSize;
}

const nothing: ReleaseSize = { files: 0, bytes: 0 };

interface Header {
  readonly name: Buffer;
  readonly size: number;
  readonly mode: number;
  readonly modifiedAt: number;
  readonly type: '0' | 'L';
}

/** Numbers are octal text; from 8 GiB on GNU's base 256, which has the top bit set. */
function writeNumber(into: Buffer, value: number, { at, length }: { at: number; length: number }): void {
  if (value < 8 ** (length - 1)) into.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  else {
    into.writeUInt8(0x80, at);
    into.writeBigUInt64BE(BigInt(value), at + length - 8);
  }
}

/** A header block as in POSIX.1-1988 (ustar), with GNU's magic. Owner 0: the server keeps the one who unpacks. */
function header({ name, size, mode, modifiedAt, type }: Header): Buffer {
  const head = Buffer.alloc(block);
  name.copy(head, 0, 0, 100);
  writeNumber(head, mode, { at: 100, length: 8 });
  writeNumber(head, 0, { at: 108, length: 8 });
  writeNumber(head, 0, { at: 116, length: 8 });
  writeNumber(head, size, { at: 124, length: 12 });
  writeNumber(head, Math.max(0, modifiedAt), { at: 136, length: 12 });
  head.write('        ', 148, 'latin1');
  head.write(type, 156, 'latin1');
  head.write('ustar  \0', 257, 'latin1');
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return head;
}

const paddingOf = (size: number): number => (block - (size % block)) % block;

/** The blocks before a file's content. */
export function fileHeader(file: ReleaseFile): Buffer {
  const name = Buffer.from(`./${file.path}`);
  const mode = file.executable ? 0o755 : 0o644;
  const own = header({ name, size: file.size, mode, modifiedAt: file.modifiedAt, type: '0' });
  if (name.length <= 100) return own;
  const long = Buffer.concat([name, Buffer.alloc(1)]);
  const announced = {
    name: Buffer.from('././@LongLink'),
    size: long.length,
    mode: 0,
    modifiedAt: 0,
    type: 'L',
  } as const;
  return Buffer.concat([header(announced), long, Buffer.alloc(paddingOf(long.length)), own]);
}

/** Reads a part of a file; what is not there any more is zeros, and the server's hashes will tell. */
function fill(into: Buffer, descriptor: number, position: number): void {
  let filled = 0;
  while (filled < into.length) {
    const bytes = readSync(descriptor, into, filled, into.length - filled, position + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  into.fill(0, filled);
}

/** Small files in one piece. Read without asynchrony, which would cost several times what the reading does. */
function pack(root: string, files: readonly ReleaseFile[]): Buffer {
  const headers = files.map(fileHeader);
  const lengths = files.map((file, index) => (headers[index]?.length ?? 0) + file.size + paddingOf(file.size));
  const packed = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [index, file] of files.entries()) {
    at += headers[index]?.copy(packed, at) ?? 0;
    const descriptor = openSync(join(root, file.path), 'r');
    try {
      fill(packed.subarray(at, at + file.size), descriptor, 0);
    } finally {
      closeSync(descriptor);
    }
    packed.fill(0, at + file.size, at + file.size + paddingOf(file.size));
    at += file.size + paddingOf(file.size);
  }
  return packed;
}

/** A large file, piece by piece. */
function* packLarge(root: string, file: ReleaseFile): Generator<Piece> {
  yield { bytes: fileHeader(file), completes: nothing };
  const descriptor = openSync(join(root, file.path), 'r');
  try {
    for (let at = 0; at < file.size; at += pieceBytes) {
      const bytes = Buffer.allocUnsafe(Math.min(pieceBytes, file.size - at));
      fill(bytes, descriptor, at);
      yield { bytes, completes: nothing };
    }
  } finally {
    closeSync(descriptor);
  }
  yield { bytes: Buffer.alloc(paddingOf(file.size)), completes: sizeOf([file]) };
}

/** Runs of small files, and each larger one by itself. */
function* batches(files: readonly ReleaseFile[]): Generator<ReleaseFile[]> {
  let batch: ReleaseFile[] = [];
  let bytes = 0;
  for (const file of files) {
    if (batch.length === filesAtOnce || (batch.length > 0 && bytes + file.size > pieceBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(file);
    bytes += file.size;
  }
  if (batch.length > 0) yield batch;
}

/** Files of a kind together: they compress alike. */
const byKind = (a: ReleaseFile, b: ReleaseFile): number => {
  const [kindOfA, kindOfB] = [extname(a.path), extname(b.path)];
  return kindOfA < kindOfB ? -1 : kindOfA > kindOfB ? 1 : 0;
};

/** A tar archive of files below `root`, piece by piece. */
export function* archive(root: string, files: readonly ReleaseFile[]): Generator<Piece> {
  for (const batch of batches(files.toSorted(byKind))) {
    const [first] = batch;
    if (first && first.size > pieceBytes) yield* packLarge(root, first);
    else yield { bytes: pack(root, batch), completes: sizeOf(batch) };
  }
  yield { bytes: Buffer.alloc(2 * block), completes: nothing };
}
