import { type Failure, fail, ok, type Result } from '../../../result.ts';
import type { Completed, Server } from '../../port.ts';
import type { ReleaseFile, ReleaseSize } from '../manifest.ts';
import type { Shipment } from '../shipment.ts';
import { causeIn } from '../trouble.ts';

/** Files that go to one server, into a tree where all folders exist and none of the files does. */
export interface Load {
  readonly server: Server;
  readonly shipment: Shipment;
  readonly files: readonly ReleaseFile[];
  /** Folder on the server. */
  readonly tree: string;
  /** A release on the server that may hold earlier versions of the files. */
  readonly base?: string;
  /** The server can unpack gzip. */
  readonly gzip: boolean;
  readonly deadlineMs: number;
  /** Hears the sum of what has been sent so far. */
  readonly onSent: (sent: ReleaseSize) => void;
}

/** Gets files onto a server. Whether they arrived is not its business: the server's hashes decide. */
export type Transport = (load: Load) => Promise<Result<void>>;

/** A failing command of a transport, its cause in words where its own words are known. */
export function judge(completed: Completed, what: string, where: string): Result<void> {
  if (completed.code === 0) return ok(undefined);
  const detail = completed.stderr.trim().slice(0, 2000);
  const failure: Failure = {
    what: causeIn(detail) ?? `${what} (exit code ${completed.code ?? 'none: ended by a signal'})`,
    where,
  };
  return fail(detail ? { ...failure, detail } : failure);
}
