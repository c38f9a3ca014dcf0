import { join } from 'node:path';
import type { Failure } from '../../result.ts';
import type { ReleaseFile } from './manifest.ts';
import type { Answer } from './reconcile.ts';
import { hashFile } from './source.ts';
import type { Staging } from './stage.ts';

export const diskFull = 'the disk of the release folder is full';

/** The system's errors that a person can do something about, as every tool prints them. */
export function causeIn(words: string): string | undefined {
  if (/no space left on device|disk quota exceeded/i.test(words)) return diskFull;
  if (/read-only file system/i.test(words)) return 'the file system of the release folder is read-only';
  if (/permission denied/i.test(words)) return 'the SSH user may not write to the release folder';
  return undefined;
}

export const withCause = (failure: Failure): Failure => ({
  ...failure,
  what: causeIn(failure.detail ?? '') ?? failure.what,
});

/** File systems give out whole blocks; most have 4 KiB. */
const blockBytes = 4096;

/** Says so when files do not fit on the disk. */
export function shortOfSpace(files: readonly ReleaseFile[], freeKilobytes: number | undefined): Failure | undefined {
  const needed = files.reduce((sum, { size }) => sum + Math.ceil(size / blockBytes) * (blockBytes / 1024), 0);
  if (freeKilobytes === undefined || needed <= freeKilobytes) return undefined;
  return { what: `${diskFull}: ${needed} kB are needed, ${freeKilobytes} kB are free` };
}

const listed = (paths: readonly string[]): string =>
  paths.slice(0, 5).join(', ') + (paths.length > 5 ? ` and ${paths.length - 5} more` : '');

type Bad = Exclude<Answer, { readonly state: 'present' | 'staged' }>;

/** Why a release did not get onto a server although everything was sent, in words. */
export async function whyNotStaged(staging: Staging, answer: Bad): Promise<Failure> {
  const { id, server } = staging;
  const where = server.name;
  switch (answer.state) {
    case 'unable':
      return { what: 'the server cannot hash files: sha256sum, busybox, shasum, openssl or python3 is needed', where };
    case 'live':
      return { where, ...whyNotReplaced(id, answer) };
    case 'stuck':
      return { what: `folders or links of release ${id} cannot be made: ${listed(answer.paths)}`, where };
    case 'needs':
      return { where, ...(await whyDifferent(staging, answer.paths)) };
  }
}

function whyNotReplaced(id: string, { why, paths }: Extract<Answer, { readonly state: 'live' }>): Failure {
  if (why === 'other')
    return {
      what: `release ${id} is live with other content`,
      detail: listed(paths),
      advice: 'give the new release another id',
    };
  return {
    what: `release ${id} is live, but its files were changed on the server: ${listed(paths)}`,
    advice: 'deploy under another id, or put the files back',
  };
}

/** Files that arrive with other content than they had may have changed where they come from. */
async function whyDifferent({ shipment, id }: Staging, paths: readonly string[] | 'all'): Promise<Failure> {
  const changed: string[] = [];
  for (const file of shipment.filesAt(paths)) {
    const now = await hashFile(join(shipment.source, file.path), file.size).catch(() => 'gone');
    if (now !== file.sha256) changed.push(file.path);
  }
  if (changed.length > 0) return { what: `the source changed during the run: ${listed(changed)}` };
  const bad = shipment.filesAt(paths).map((file) => file.path);
  return { what: `files of release ${id} arrived with other content or not at all, twice: ${listed(bad)}` };
}
