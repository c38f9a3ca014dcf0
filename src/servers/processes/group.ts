import type { Failure, Result } from '../../result.ts';

/** supervisord's own words for what a process does (http://supervisord.org/subprocess.html#process-states). */
export const supervisorStates = [
  'STOPPED',
  'STARTING',
  'RUNNING',
  'BACKOFF',
  'STOPPING',
  'EXITED',
  'FATAL',
  'UNKNOWN',
] as const;

export type SupervisorState = (typeof supervisorStates)[number];

export interface Supervised {
  readonly name: string;
  readonly state: SupervisorState;
  /** 0 while there is none. */
  readonly pid: number;
  /** Why it does not run, or for how long it has. */
  readonly words: string;
}

/** Why supervisord would not even try to start a process, by process. */
export type Refusals = ReadonlyMap<string, string>;

/** The processes of one slot, whichever way supervisord is reached. No call names them one by one, and no call waits for them. */
export interface Group {
  /** supervisord's name for it. */
  readonly name: string;
  readonly server: string;
  look(): Promise<Result<readonly Supervised[]>>;
  /** Costs supervisord next to nothing, where `look` costs it 0.1 ms a process. */
  lookAt(process: string): Promise<Result<Supervised>>;
  /** Asks all to stop. */
  stop(): Promise<Result<void>>;
  /** Starts those that do not run. */
  start(): Promise<Result<Refusals>>;
  /** The end of what a process wrote; empty where nothing is kept. */
  log(process: string): Promise<string>;
  close(): void;
}

export const groupMissing = (group: string, where: string, known: readonly string[] = []): Failure => ({
  what: `supervisord has no group ${group}`,
  where,
  ...(known.length > 0 && { detail: `it has: ${known.join(', ')}` }),
  advice:
    'set process.program to the name of a [program:…] or [group:…]; a new one is known after `supervisorctl update`',
});
