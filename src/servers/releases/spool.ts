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

interface Growth {
  /** Bytes written so far. */
  bytes: number;
  ended: boolean;
  failure?: Failure;
  /** Resolves at the next change. */
  change: PromiseWithResolvers<void>;
  /** What is complete in the archive's first `at` bytes. */
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
      growth.failure = { what: `The release cannot be packed: ${error instanceof Error ? error.message : error}` };
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
  const sum = { files: 0, bytes: 0 };
  const packed = archive(root, files);
  const file = await open(path, 'w', 0o600);
  try {
    for await (const { bytes, completes } of gzip ? compress(packed) : packed) {
      await file.appendFile(bytes);
      growth.bytes += bytes.length;
      sum.files += completes.files;
      sum.bytes += completes.bytes;
      growth.milestones.push({ at: growth.bytes, sent: { ...sum } });
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
  let at = 0;
  let next = 0;
  try {
    while (at < growth.bytes || !growth.ended) {
      const { change } = growth;
      if (at === growth.bytes) await change.promise;
      else {
        file ??= await open(path);
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(readBytes, growth.bytes - at)), {
          position: at,
        });
        yield buffer.subarray(0, bytesRead);
        at += bytesRead;
        next = tell(growth, { at, next, onSent });
      }
    }
  } finally {
    await file?.close();
  }
}

/** Reports the last milestone that has been passed; the number of the one after it. */
function tell(growth: Growth, { at, next, onSent }: { at: number; next: number; onSent: Following['onSent'] }): number {
  let following = next;
  while ((growth.milestones[following]?.at ?? Number.POSITIVE_INFINITY) <= at) following += 1;
  const passed = following > next ? growth.milestones[following - 1] : undefined;
  if (passed) onSent(passed.sent);
  return following;
}
