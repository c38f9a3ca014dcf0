import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The committed `dist/` is, byte for byte, what the source builds, in whichever folder it is built. */

/** Whoever uses the action downloads it in every job. */
const largest = 3_000_000;

const folder = await mkdtemp(join(tmpdir(), 'fleetflip-dist-'));
spawnSync('rolldown', ['-c', '--dir', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
const contents = async (dir: string) => {
  const names = (await readdir(dir)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(dir, name), 'utf8')] as const)),
  );
};
const [built, committed] = [await contents(folder), await contents('dist')];
await rm(folder, { recursive: true });
const stale = [...new Set([...built.keys(), ...committed.keys()])].filter(
  (name) => built.get(name) !== committed.get(name),
);
if (stale.length > 0 || built.size === 0) {
  console.error(`dist/ is not what the source builds (${stale.join(', ')}): run npm run build and commit it`);
  process.exit(1);
}
const bytes = [...built.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
if (bytes > largest) {
  console.error(`dist/ has ${bytes} bytes, more than the ${largest} that it may have`);
  process.exit(1);
}
console.log(`dist/ is what the source builds: ${[...built.keys()].join(', ')}, ${bytes} bytes`);
