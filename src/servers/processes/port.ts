import type { SlotName } from '../../fleet/nouns.ts';
import type { Failure, Result } from '../../result.ts';

export type ProcessState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed';

export interface ProcessSeen {
  readonly name: string;
  readonly state: ProcessState;
  readonly pid?: number;
  /** The manager's own words about it, e.g. supervisord's `spawnerr` or description. */
  readonly detail?: string;
}

/** Milliseconds spent in each part of a restart, for the report's attribution. */
export interface RestartReceipt {
  readonly stopMs: number;
  readonly spawnMs: number;
  readonly processes: number;
}

/** All instances of a slot on one server, through that server's process manager. One round trip a call, however many processes. */
export interface ProcessManager {
  /** Why the slot could not be restarted, as far as that can be told without doing it. */
  check(slot: SlotName): Promise<Failure | undefined>;
  status(slot: SlotName): Promise<Result<readonly ProcessSeen[]>>;
  /** Done when every process has been spawned under a new pid. Readiness is asked of the instances, not of the manager. */
  restart(slot: SlotName): Promise<Result<RestartReceipt>>;
  /** Done when none is running any more. */
  stop(slot: SlotName): Promise<Result<void>>;
  /** What keeps processes of the slot from running, with the end of one's log; undefined while nothing is known to. */
  trouble(slot: SlotName): Promise<Failure | undefined>;
}
