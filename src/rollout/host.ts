import type { ReleaseId, SlotName } from '../fleet/nouns.ts';
import type { ServerSeen } from '../fleet/observation.ts';
import type { Failure, Result } from '../result.ts';

/** Hears what has been sent to a server so far, of how much. */
export type OnProgress = (bytes: number, totalBytes: number, files: number) => void;

/** A server of the fleet as a rollout needs it: what can be done there, each in one go for all its instances. */
export interface Host {
  readonly name: string;
  /** What would keep a deploy from being carried out here, e.g. a process manager without the slot's processes. Changes nothing. */
  check(): Promise<readonly Failure[]>;
  observe(): Promise<Result<ServerSeen>>;
  /**
   * Copies the release and verifies every file. `live` is the release that users are on: never written to, and what did not
   * change is taken from it. Resolves to a note for the report, e.g. `60 files, 0.7 MB by rsync`.
   */
  stage(live: ReleaseId | undefined, onProgress: OnProgress): Promise<Result<string>>;
  /** Points the slot at the release and starts all its instances anew; resolves when each runs under a new pid. */
  restart(slot: SlotName, release: ReleaseId): Promise<Result<string>>;
  /** Points the slot at the release without starting anything. */
  point(slot: SlotName, release: ReleaseId): Promise<Result<void>>;
  /** Resolves when every instance of the slot was seen ready and answering as the release. */
  awaitReady(slot: SlotName, release: ReleaseId, signal: AbortSignal): Promise<Result<string>>;
  stop(slot: SlotName): Promise<Result<void>>;
  /** Notes the release that was live before, for a rollback, then removes releases that nothing names. */
  prune(live: ReleaseId, previous: ReleaseId | undefined): Promise<Result<string>>;
}
