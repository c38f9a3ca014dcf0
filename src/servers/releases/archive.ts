import { open } from 'node:fs/promises';
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

const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

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
  return Buffer.concat([header(announced), long, padding(long.length), own]);
}

/** Content in exactly the announced length: a file that shrank since is filled up. The server's hashes will tell. */
async function* contentOf(path: string, size: number): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    for (let at = 0; at < size; ) {
      const piece = Buffer.alloc(Math.min(pieceBytes, size - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      const filled = bytesRead === 0 ? piece : piece.subarray(0, bytesRead);
      yield filled;
      at += filled.length;
    }
  } finally {
    await file.close();
  }
}

async function entryOf(root: string, file: ReleaseFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of contentOf(join(root, file.path), file.size)) pieces.push(piece);
  return Buffer.concat([fileHeader(file), ...pieces, padding(file.size)]);
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

/** A part of an archive, and the files that are complete with it. */
export interface Piece {
  readonly bytes: Buffer;
  readonly completes: ReleaseSize;
}

const nothing: ReleaseSize = { files: 0, bytes: 0 };

/** Files of a kind together: they compress alike. */
const byKind = (a: ReleaseFile, b: ReleaseFile): number => {
  const [kindOfA, kindOfB] = [extname(a.path), extname(b.path)];
  return kindOfA < kindOfB ? -1 : kindOfA > kindOfB ? 1 : 0;
};

/** A tar archive of files below `root`, piece by piece. */
export async function* archive(root: string, files: readonly ReleaseFile[]): AsyncGenerator<Piece> {
  for (const batch of batches(files.toSorted(byKind))) {
    const [first] = batch;
    if (batch.length > 1 || !first || first.size <= pieceBytes) {
      yield {
        bytes: Buffer.concat(await Promise.all(batch.map((file) => entryOf(root, file)))),
        completes: sizeOf(batch),
      };
    } else {
      yield { bytes: fileHeader(first), completes: nothing };
      for await (const bytes of contentOf(join(root, first.path), first.size)) yield { bytes, completes: nothing };
      yield { bytes: padding(first.size), completes: sizeOf(batch) };
    }
  }
  yield { bytes: Buffer.alloc(2 * block), completes: nothing };
}
