import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface ReleaseOptions {
  /** Static files beside the application; 20 by default. */
  readonly files?: number;
  /** Bytes of all static files together; 100,000 by default. */
  readonly bytes?: number;
  /** Files whose content differs from the other release's; all of them by default. Only with `like`. */
  readonly changed?: number;
  /**
   * Another release, made with the same number of files and bytes, and an id of the same length: the new one has the same names,
   * sizes and modification times, as two builds in one second or by tools that set fixed times do. What is not changed is equal.
   */
  readonly like?: LabRelease;
  /** The application ends at once when it is started. */
  readonly broken?: boolean;
  /** The application starts and answers 500. */
  readonly sick?: boolean;
  /** Milliseconds; what the lab was started with by default. */
  readonly startDelayMs?: number;
}

/** A built release on this machine, to be deployed. */
export interface LabRelease {
  readonly id: string;
  readonly source: string;
  /** Static file → the id its content was made from. */
  readonly contents: readonly string[];
}

export type MakeRelease = (id: string, options?: ReleaseOptions) => Promise<LabRelease>;

export interface Application {
  /** What becomes `bin/serve`. */
  readonly serve: string;
  /** Other files of the application: path in the release → file on this machine. */
  readonly files: Readonly<Record<string, string>>;
  readonly startDelayMs: number;
}

export const releaseMaker =
  (folder: string, application: Application): MakeRelease =>
  async (id, options = {}) => {
    const source = join(folder, id);
    const { files = 20, like, changed = files } = options;
    const contents = Array.from({ length: files }, (_, index) =>
      index < changed ? id : (like?.contents[index] ?? id),
    );
    await rm(source, { recursive: true, force: true });
    await copyApplication(source, application);
    await writeFile(join(source, 'RELEASE'), `${id}\n`);
    await writeFile(join(source, 'app.conf'), behaviour(options, application));
    await writeStatic(source, contents, options.bytes ?? 100_000);
    if (like) await takeTimes(like.source, source, [...staticNames(files), 'RELEASE', 'app.conf', 'bin/serve']);
    return { id, source, contents };
  };

async function copyApplication(source: string, { serve, files }: Application): Promise<void> {
  for (const [name, file] of [['bin/serve', serve] as const, ...Object.entries(files)]) {
    const target = join(source, name);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(file, target);
  }
  await chmod(join(source, 'bin/serve'), 0o755);
}

/** Lines of one length whatever they say, so that two releases can differ in nothing but content. */
const behaviour = ({ broken, sick, startDelayMs }: ReleaseOptions, application: Application): string =>
  [
    `start-delay-ms=${startDelayMs ?? application.startDelayMs}`,
    broken ? 'start=crash ' : 'start=normal',
    sick ? 'health=sick' : 'health=good',
    '',
  ].join('\n');

const staticNames = (files: number): string[] =>
  Array.from({ length: files }, (_, index) => `static/${String(index % 40).padStart(2, '0')}/file-${index}.js`);

/** Bytes that do not compress, so that no transfer looks better than it is. */
async function writeStatic(source: string, contents: readonly string[], bytes: number): Promise<void> {
  const size = Math.floor(bytes / Math.max(1, contents.length));
  const names = staticNames(contents.length);
  await Promise.all(names.slice(0, 40).map((name) => mkdir(join(source, dirname(name)), { recursive: true })));
  for (const [index, name] of names.entries()) {
    await writeFile(join(source, name), pseudoRandom(`${contents[index]} ${index}`, size));
  }
}

function pseudoRandom(seed: string, size: number): Buffer {
  const blocks: Buffer[] = [];
  for (let block = 0; block * 64 < size; block++) {
    blocks.push(createHash('sha512').update(`${seed} ${block}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, size);
}

async function takeTimes(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { atime, mtime } = await stat(join(from, name));
    await utimes(join(to, name), atime, mtime);
  }
}
