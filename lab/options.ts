import type { LabCdn } from './cdn.ts';
import type { MakeRelease } from './releases.ts';
import type { StartTraffic } from './traffic.ts';

/**
 * `namespaces`: a network namespace per machine (root). `loopback`: the same daemons on addresses of 127.0.0.0/8.
 * `embedded`: stand-ins in Node for a machine without these daemons.
 */
export type LabMode = 'namespaces' | 'loopback' | 'embedded';

export interface LabOptions {
  /** Folder for everything that the lab writes; made if absent. */
  readonly dir: string;
  readonly mode: LabMode;
  readonly strategy: 'blue-green' | 'swap';
  readonly by: 'pointer' | 'membership';
  readonly servers: number;
  /** The two slots are clusters of their own: blue on the first half of the servers, green on the rest. By pointer only. */
  readonly apart: boolean;
  /** Instances per server and slot. */
  readonly instances: number;
  /** Milliseconds an instance takes from its start until it listens. */
  readonly startDelayMs: number;
  readonly balancers: 1 | 2;
  /** What runs in an instance: the lab's own small server, or a Tornado application. */
  readonly app: 'native' | 'tornado';
  /** An S3-compatible store and a cache to purge, in the fleet file too. */
  readonly cdn: boolean;
}

export const labDefaults: Omit<LabOptions, 'dir'> = {
  mode: 'namespaces',
  strategy: 'blue-green',
  by: 'pointer',
  servers: 4,
  apart: false,
  instances: 64,
  startDelayMs: 0,
  balancers: 1,
  app: 'native',
  cdn: false,
};

/** A machine as the fleet file names it. */
export interface LabHost {
  readonly name: string;
  readonly address: string;
  readonly sshPort: number;
  /** Its files, as it sees them itself and as this machine does. */
  readonly folder: string;
  /** What stands in front of a command that is to run there; empty where everything is on one network. */
  readonly enter: readonly string[];
}

/** A fleet that runs. */
export interface Lab {
  readonly options: LabOptions;
  readonly dir: string;
  readonly fleetFile: string;
  readonly servers: readonly LabHost[];
  readonly balancers: readonly LabBalancer[];
  readonly ssh: { readonly user: string; readonly privateKey: string; readonly knownHosts: string };
  /** What users call: through the first balancer. Ends without a slash. */
  readonly url: string;
  /** Credentials that the fleet file refers to. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cdn?: LabCdn;
  readonly makeRelease: MakeRelease;
  readonly startTraffic: StartTraffic;
  /** Ends all of it. The folder stays. */
  stop(): Promise<void>;
}

export interface LabBalancer extends LabHost {
  readonly url: string;
  /** What the balancer is controlled by: HAProxy's Runtime API, or the address of the stand-in's. */
  readonly control: string;
  /** HAProxy's map file; empty where there is none. */
  readonly map: string;
}
