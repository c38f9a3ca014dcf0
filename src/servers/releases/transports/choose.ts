import type { ReleaseConfig } from '../../../inputs/config.ts';
import { fail, ok, type Result } from '../../../result.ts';
import type { Tool } from '../reconcile.ts';

export type TransportName = Exclude<ReleaseConfig['transfer'], 'auto'>;

/** What there is to choose by. */
export interface Choice {
  readonly wanted: ReleaseConfig['transfer'];
  /** Tools on the server. */
  readonly tools: ReadonlySet<Tool>;
  /** The runner has an rsync that can be used. */
  readonly runnerHasRsync: boolean;
  /** Bytes of large files to send that may have an earlier version on the server. */
  readonly changedBytes: number;
  readonly where: string;
}

/** From here on, sending differences within files is quicker than sending the files (docs/adr/0003). */
export const rsyncPaysFrom = 4 * 1024 * 1024;
/** Smaller files are sent whole as quickly as their differences are found. */
export const largeFileBytes = 64 * 1024;

/**
 * `auto`: tar, packed once for all servers; rsync where large files changed; SFTP where there is no tar. What is configured is
 * taken, or its absence told.
 */
export function chooseTransport({ wanted, tools, runnerHasRsync, changedBytes, where }: Choice): Result<TransportName> {
  const rsync = tools.has('rsync') && runnerHasRsync;
  const advice = 'install it, or set `release.transfer` to `auto`';
  if (wanted === 'rsync' && !rsync)
    return fail({ what: `rsync is missing on ${tools.has('rsync') ? 'the runner' : 'the server'}`, where, advice });
  if (wanted === 'tar' && !tools.has('tar')) return fail({ what: 'tar is missing on the server', where, advice });
  if (wanted !== 'auto') return ok(wanted);
  if (rsync && (changedBytes >= rsyncPaysFrom || !tools.has('tar'))) return ok('rsync');
  return ok(tools.has('tar') ? 'tar' : 'scp');
}
