import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Failure, fail, ok, type Result } from '../result.ts';
import { eachBounded } from './each.ts';
import type { Asset } from './port.ts';

/** Files that are read at the same time. */
const readers = 8;

/**
 * Every file below a folder, hidden ones too, in the order of their names. A link counts as the file it leads to; one that
 * leads out of the folder is refused, so that an artifact cannot publish the runner's own files.
 */
export async function collectAssets(folder: string): Promise<Result<Asset[]>> {
  const root = resolve(folder);
  const files = await filesBelow(root);
  if (!files.ok) return files;
  if (files.value.length === 0) {
    return fail({ what: 'the folder of the CDN upload holds no file', where: folder, advice: emptyAdvice });
  }
  return eachBounded(files.value, { width: readers }, (path) => asset(root, path));
}

const emptyAdvice = 'check cdn.upload.from, and that the build ran before this step';

async function filesBelow(root: string): Promise<Result<string[]>> {
  try {
    const base = await realpath(root);
    const found: string[] = [];
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) continue;
      if (!entry.isFile() && !(await leadsToFileInside(base, path))) return fail(noFile(root, path));
      found.push(path);
    }
    return ok(found.sort());
  } catch (error) {
    return fail({
      what: `the folder of the CDN upload cannot be read: ${words(error)}`,
      where: root,
      advice: emptyAdvice,
    });
  }
}

async function leadsToFileInside(base: string, path: string): Promise<boolean> {
  const target = await realpath(path).catch(() => '');
  return target.startsWith(base + sep) && (await stat(target)).isFile();
}

const noFile = (root: string, path: string): Failure => ({
  what: `${relative(root, path)} is neither a file nor a link to a file inside the folder`,
  where: root,
  advice: 'put a copy of the file there',
});

async function asset(root: string, path: string): Promise<Result<Asset>> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
      }
    });
  } catch (error) {
    return fail({ what: `cannot read ${relative(root, path)}: ${words(error)}`, where: root });
  }
  return ok({ key: relative(root, path).replaceAll(sep, '/'), path, size, sha256: hash.digest('hex') });
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
