import { createHash, hash } from 'node:crypto';
import { createReadStream, lstatSync, readFileSync } from 'node:fs';
import { readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { type Failure, fail, ok, type Result } from '../../result.ts';
import { type Manifest, manifestOf, type ReleaseFile, type ReleaseLink } from './manifest.ts';

/** Larger files are hashed in pieces instead of being read whole. */
const wholeFileBytes = 1024 * 1024;
/** After so many files, others get their turn: connections are opened meanwhile. */
const filesInARow = 50;

interface Found {
  readonly files: { path: string; size: number; executable: boolean; modifiedAt: number }[];
  readonly links: ReleaseLink[];
  readonly folders: string[];
  readonly mistakes: Failure[];
}

/** The system's own words, without node's "ENOENT: " in front where there is no message. */
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Reads a folder on the runner into the manifest of a release. What lies below a shared path stays out: there, the release
 * gets a link into `shared/`. Refused are an empty folder, names with control characters or outside UTF-8 (lists of
 * names on servers have one a line), links that lead out of the folder, and anything that is no file, folder or link.
 */
export async function readSource(folder: string, shared: readonly string[] = []): Promise<Result<Manifest>> {
  try {
    const root = await realpath(folder);
    const found: Found = { files: [], links: [], folders: [], mistakes: [] };
    await walk({ root, shared: new Set(shared), found }, '');
    const [mistake, ...others] = found.mistakes;
    if (mistake)
      return fail(others.length ? { ...mistake, detail: others.map(({ what }) => what).join('\n') } : mistake);
    if (found.files.length === 0) return fail({ what: 'the source has no files', where: folder });
    return ok(manifestOf({ ...found, files: await hashAll(root, found.files) }));
  } catch (error) {
    return fail({ what: `the source cannot be read: ${wordsOf(error)}`, where: folder });
  }
}

interface Walk {
  readonly root: string;
  readonly shared: ReadonlySet<string>;
  readonly found: Found;
}

async function walk(walking: Walk, below: string): Promise<void> {
  const { root, shared, found } = walking;
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (shared.has(path)) continue;
    const mistake = mistakeInName(path);
    if (mistake) found.mistakes.push({ what: mistake });
    else if (entry.isDirectory()) {
      found.folders.push(path);
      await walk(walking, path);
    } else if (entry.isSymbolicLink()) await addLink(walking, path);
    else if (entry.isFile()) {
      const { size, mode, mtimeMs } = lstatSync(join(root, path));
      found.files.push({ path, size, executable: (mode & 0o111) !== 0, modifiedAt: Math.floor(mtimeMs / 1000) });
    } else found.mistakes.push({ what: `${path} in the source is no file, folder or link` });
  }
}

function mistakeInName(path: string): string | undefined {
  if (/\p{Cc}/u.test(path)) return `A file name in the source has a control character: ${JSON.stringify(path)}`;
  if (path.includes('\uFFFD')) return `A file name in the source is not UTF-8: ${JSON.stringify(path)}`;
  return undefined;
}

/** Judged twice: by its words, which hold on every server, and by where it leads here, through other links if need be. */
async function addLink({ root, found }: Walk, path: string): Promise<void> {
  const target = await readlink(join(root, path));
  const end = await realpath(join(root, path)).catch(() => root);
  const inWords = relative('/release', join('/release', dirname(path), target));
  if (target.startsWith('/') || leaves(inWords) || leaves(relative(root, end)))
    found.mistakes.push({ what: `the link ${path} in the source leads out of it, to ${target}` });
  else if (/\p{Cc}/u.test(target))
    found.mistakes.push({ what: `the target of the link ${path} has a control character` });
  else found.links.push({ path, target });
}

const leaves = (path: string): boolean => path === '..' || path.startsWith(`..${sep}`);

async function hashAll(root: string, files: Found['files']): Promise<ReleaseFile[]> {
  const hashed: ReleaseFile[] = [];
  for (const [index, file] of files.entries()) {
    hashed.push({ ...file, sha256: await hashFile(join(root, file.path), file.size) });
    if (index % filesInARow === 0) await setImmediate();
  }
  return hashed;
}

/** Small files are read without asynchrony, which would cost several times what the reading and hashing do. */
export async function hashFile(path: string, size: number): Promise<string> {
  if (size <= wholeFileBytes) return hash('sha256', readFileSync(path), 'hex');
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: wholeFileBytes }), digest);
  return digest.digest('hex');
}
