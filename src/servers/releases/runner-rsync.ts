import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The runner has an rsync that knows `-s`. macOS comes with openrsync, which does not. */
export const runnerHasRsync = (): Promise<boolean> =>
  promisify(execFile)('rsync', ['-s', '--version']).then(
    ({ stdout }) => /^rsync\s+version [3-9]/.test(stdout),
    () => false,
  );
