import type { Slot } from '../fleet/nouns.ts';
import type { StrategyType } from '../plan/plan.ts';

/** A machine to reach by SSH: one of the fleet's servers, a jump host, or a balancer's host. */
export interface SshTarget {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Hosts to go through, nearest to the runner first. */
  readonly jump: readonly SshTarget[];
}

export interface ReleaseConfig {
  /** Base folder on every server; `{server}` is replaced. Below it: `releases/<id>`, `shared/`, `<slot>` pointers. */
  readonly path: string;
  readonly transfer: 'auto' | 'rsync' | 'scp' | 'tar';
  /** How many releases stay, the live and the previous one included. */
  readonly keep: number;
  /** Paths below the release that are links into `shared/`. */
  readonly shared: readonly string[];
}

/** How instances are started and stopped. In every text `{slot}` and `{server}` are replaced. */
export type ProcessConfig =
  | {
      readonly manager: 'supervisord';
      /** supervisord group (or program) of a slot, e.g. `shop-{slot}`. */
      readonly program: string;
      /** Unix socket path or `host:port` of supervisord's RPC interface. */
      readonly socket: string;
      readonly username?: string;
      readonly password?: string;
      /** Configuration file for the `supervisorctl` fallback. */
      readonly config?: string;
    }
  | {
      readonly manager: 'command';
      /** Shell commands run on the server; `{slot}` and `{server}` are given as the environment SLOT and SERVER. */
      readonly restart: string;
      readonly stop: string;
      /** Prints one line `name state pid` per process. */
      readonly status: string;
    };

export interface HealthConfig {
  readonly path: string;
  /** Header that names the release; the body (trimmed) is taken where this is missing. */
  readonly releaseHeader?: string;
  readonly deadlineMs: number;
  /** Value of the Host header; `localhost` by default. */
  readonly host?: string;
}

export type BalancerConfig =
  | {
      readonly driver: 'haproxy';
      readonly name: string;
      /** Unix socket path (on `via`, or on the runner without it) or `host:port` of the Runtime API. */
      readonly socket: string;
      readonly via?: SshTarget;
      readonly control:
        | {
            readonly by: 'pointer';
            readonly map: string;
            readonly key: string;
            /** Pool name → backend. */
            readonly pools: Readonly<Record<string, string>>;
            /** Map value that makes requests wait, where the configuration has the hold of docs/haproxy.md. */
            readonly hold?: string;
            /** Member name, e.g. `{server}-{port}`. */
            readonly member: string;
          }
        | { readonly by: 'membership'; readonly backend: string; readonly member: string };
    }
  | {
      readonly driver: 'http';
      readonly name: string;
      /** `GET` answers `{"live": "<pool>", "members": [...]}`; `PUT {"live": "<pool>"}` moves the traffic. */
      readonly url: string;
      readonly via?: SshTarget;
      readonly token?: string;
    };

export interface WitnessConfig {
  readonly url: string;
  readonly ratePerSecond: number;
  readonly releaseHeader?: string;
}

export interface CdnConfig {
  readonly upload?: {
    /** `s3://bucket/prefix` */
    readonly bucket: string;
    readonly prefix: string;
    /** Folder on the runner. */
    readonly from: string;
    readonly endpoint: string;
    readonly region: string;
    readonly cacheControl: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
    /** Public base address, to verify through the CDN after the upload. */
    readonly verify?: string;
  };
  readonly purge?: {
    readonly provider: 'fastly';
    readonly service: string;
    readonly keys: readonly string[];
    readonly token: string;
    readonly endpoint: string;
    /** Milliseconds between the purge and its repetition. */
    readonly againAfterMs: number;
  };
}

export interface StrategyConfig {
  readonly type: StrategyType;
  /** Lowest share (0 to 1) of ready instances in the pool; missing: what the strategy needs. */
  readonly minCapacity?: number;
  /** Milliseconds the old slot is kept running after the flip: `'forever'` keeps it until the next deploy. */
  readonly keepOld: number | 'forever';
  /** Longest wait in milliseconds for requests in flight on members that left the pool. */
  readonly drainMs: number;
}

/** What the fleet file says, with every default filled in. Made only by `inputs/`. */
export interface Config {
  readonly app: string;
  readonly servers: readonly SshTarget[];
  readonly slots: readonly Slot[];
  readonly release: ReleaseConfig;
  readonly process: ProcessConfig;
  readonly health: HealthConfig;
  readonly balancers: readonly BalancerConfig[];
  readonly witness?: WitnessConfig;
  readonly strategy: StrategyConfig;
  readonly budgetMs: number;
  readonly cdn?: CdnConfig;
}

export type CommandName = 'deploy' | 'plan' | 'rollback' | 'status';

/** What the step (or the command line) says, parsed. Empty inputs are missing ones. */
export interface Inputs {
  readonly command: CommandName;
  /** Path of the fleet file. */
  readonly fleet: string;
  readonly release: string;
  readonly source?: string;
  readonly sshKey?: string;
  readonly sshPassphrase?: string;
  readonly knownHosts?: string;
  readonly strategy?: StrategyType;
  readonly budgetMs?: number;
  readonly environment?: string;
  readonly url?: string;
  /** Pull request number; missing: found from the event. `'none'` reports to no pull request. */
  readonly pullRequest?: number | 'none';
  readonly githubToken?: string;
  readonly dryRun: boolean;
  /** A source much smaller than the live release is meant. */
  readonly allowShrunken: boolean;
  readonly expectPlan?: string;
  /** Rollback target: a release id, or `previous`. */
  readonly to: string;
  readonly timeoutMs: number;
  /** Check run of the job, by which its deployment is found. */
  readonly checkRunId?: number;
}
