import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Failure } from '../../result.ts';
import { archive } from './archive.ts';
import { compress } from './compress.ts';
import type { ReleaseFile, ReleaseSize } from './manifest.ts';

/** An archive that is made once and read by any number of servers, also while it is still growing. */
export interface Spool {
  /** Ends early when the archive cannot be made. `onSent` hears how much of the release has been read. */
  read(onSent: (sent: ReleaseSize) => void): Readable;
  /** Why the archive could not be made. */
  failure(): Failure | undefined;
}

export interface SpoolPlan {
  readonly root: string;
  readonly files: readonly ReleaseFile[];
  /** Where the archive is written to, on the runner. */
  readonly path: string;
  readonly gzip: boolean;
}

interface SpooledPiece {
  readonly position: number;
  readonly length: number;
  /** What is complete with this piece. */
  readonly sent: ReleaseSize;
  /** Missing when it has to be read from the file. */
  bytes?: Buffer;
}

interface Growth {
  readonly pieces: SpooledPiece[];
  ended: boolean;
  failure?: Failure;
  change: Change;
}

/** Resolves at the next change. */
interface Change {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** As `Promise.withResolvers`, which the Node 20 of somebody's terminal does not have. */
function nextChange(): Change {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** The last pieces stay in memory: servers follow close behind the end, and what they share need not be read for each. */
const piecesInMemory = 128;

/** Starts to pack into a file, off the main thread, while servers follow the end of the file. */
export function spool(plan: SpoolPlan): Spool {
  const growth: Growth = { pieces: [], ended: false, change: nextChange() };
  const notify = () => {
    const { change } = growth;
    growth.change = nextChange();
    change.resolve();
  };
  fill(plan, growth, notify)
    .catch((error: unknown) => {
      growth.failure = { what: `the release cannot be packed: ${error instanceof Error ? error.message : error}` };
    })
    .finally(() => {
      growth.ended = true;
      notify();
    });
  return {
    read: (onSent) => Readable.from(follow({ path: plan.path, growth, onSent })),
    failure: () => growth.failure,
  };
}

async function fill({ root, files, path, gzip }: SpoolPlan, growth: Growth, notify: () => void): Promise<void> {
  const { pieces } = growth;
  let position = 0;
  let sent: ReleaseSize = { files: 0, bytes: 0 };
  const packed = archive(root, files);
  const file = await open(path, 'w', 0o600);
  try {
    for await (const { bytes, completes } of gzip ? compress(packed) : packed) {
      await file.appendFile(bytes);
      sent = { files: sent.files + completes.files, bytes: sent.bytes + completes.bytes };
      pieces.push({ position, length: bytes.length, sent, bytes });
      position += bytes.length;
      delete pieces.at(-1 - piecesInMemory)?.bytes;
      notify();
    }
  } finally {
    await file.close();
  }
}

interface Following {
  readonly path: string;
  readonly growth: Growth;
  readonly onSent: (sent: ReleaseSize) => void;
}

async function* follow({ path, growth, onSent }: Following): AsyncGenerator<Buffer> {
  let file: FileHandle | undefined;
  try {
    for (let next = 0; next < growth.pieces.length || !growth.ended; ) {
      const { change } = growth;
      const piece = growth.pieces[next];
      if (piece === undefined) await change.promise;
      else {
        if (piece.bytes === undefined) file ??= await open(path);
        yield piece.bytes ?? (await readPiece(file, piece));
        onSent(piece.sent);
        next += 1;
      }
    }
  } finally {
    await file?.close();
  }
}

async function readPiece(file: FileHandle | undefined, { position, length }: SpooledPiece): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  await file?.read(bytes, 0, length, position);
  return bytes;
}
