import { type FileHandle, open } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { archive } from './archive.ts';
import type { ReleaseFile, ReleaseSize } from './manifest.ts';

/** An archive that is made once and read by any number of servers, also while it is still growing. */
export interface Spool {
  /** Ends with an error when the archive cannot be made. `onSent` hears about how much of the release has been read. */
  read(onSent: (sent: ReleaseSize) => void): Readable;
}

export interface SpoolPlan {
  readonly root: string;
  readonly files: readonly ReleaseFile[];
  /** Where the archive is written to, on the runner. */
  readonly path: string;
  readonly gzip: boolean;
}

interface Growth {
  /** Bytes written so far. */
  bytes: number;
  ended: boolean;
  error?: unknown;
  /** Resolves at the next change. */
  change: PromiseWithResolvers<void>;
  /** What the archive held when it had a certain number of bytes. */
  readonly milestones: { readonly at: number; readonly sent: ReleaseSize }[];
}

const readBytes = 256 * 1024;

/** Starts to pack into a file, off the main thread, while servers follow the end of the file. */
export function spool(plan: SpoolPlan): Spool {
  const growth: Growth = { bytes: 0, ended: false, change: Promise.withResolvers(), milestones: [] };
  const notify = () => {
    const { change } = growth;
    growth.change = Promise.withResolvers();
    change.resolve();
  };
  fill(plan, growth, notify)
    .catch((error: unknown) => {
      growth.error = error;
    })
    .finally(() => {
      growth.ended = true;
      notify();
    });
  return { read: (onSent) => Readable.from(follow({ path: plan.path, growth, onSent })) };
}

/** Level 1: packing has to keep up with all servers together, and text shrinks to about a third all the same. */
async function fill({ root, files, path, gzip }: SpoolPlan, growth: Growth, notify: () => void): Promise<void> {
  const sum = { files: 0, bytes: 0 };
  const packed = archive(root, files, (size) => {
    sum.files += size.files;
    sum.bytes += size.bytes;
    growth.milestones.push({ at: growth.bytes, sent: { ...sum } });
  });
  const file = await open(path, 'w', 0o600);
  try {
    await pipeline(
      Readable.from(packed),
      gzip ? createGzip({ level: 1, chunkSize: 64 * 1024 }) : new PassThrough(),
      async (pieces: AsyncIterable<Buffer>) => {
        for await (const piece of pieces) {
          await file.appendFile(piece);
          growth.bytes += piece.length;
          notify();
        }
      },
    );
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
  let at = 0;
  let next = 0;
  try {
    while (at < growth.bytes || !growth.ended) {
      const { change } = growth;
      if (at === growth.bytes) await change.promise;
      else {
        file ??= await open(path);
        const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(readBytes, growth.bytes - at)), {
          position: at,
        });
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
        next = tell(growth, { at, next, onSent });
      }
    }
    if (growth.error !== undefined) throw growth.error;
  } finally {
    await file?.close();
  }
}

/** Reports the last milestone that has been passed; the number of the one after it. */
function tell(growth: Growth, { at, next, onSent }: { at: number; next: number; onSent: Following['onSent'] }): number {
  let following = next;
  while ((growth.milestones[following]?.at ?? Number.POSITIVE_INFINITY) < at) following += 1;
  const passed = following > next ? growth.milestones[following - 1] : undefined;
  if (passed) onSent(passed.sent);
  return following;
}
