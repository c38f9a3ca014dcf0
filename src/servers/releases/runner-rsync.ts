import { getExecOutput } from '@actions/exec';

/** The runner has an rsync that knows `-s`. macOS comes with openrsync, which does not. */
export const runnerHasRsync = (): Promise<boolean> =>
  getExecOutput('rsync', ['-s', '--version'], { silent: true, ignoreReturnCode: true }).then(
    ({ exitCode, stdout }) => exitCode === 0 && /^rsync\s+version [3-9]/.test(stdout),
    () => false,
  );
