/** The id of an immutable directory of files; a commit SHA by default. Checked against `releaseIdPattern` at the border. */
export type ReleaseId = string;

/** A set of ports that is live or idle as a whole: `blue` and `green`, or the only one, `current`. */
export type SlotName = string;

/** A set of instances that a balancer can send all traffic to: `blue`, `green`; or `all`, `a`, `b` where there is one slot. */
export type PoolName = string;

/** One process of the application. */
export interface Instance {
  readonly server: string;
  readonly port: number;
}

/** A slot and the servers that have it. All ports of a slot exist on each of its servers. */
export interface Slot {
  readonly name: SlotName;
  readonly servers: readonly string[];
  readonly ports: readonly number[];
}

/** The instances behind one pool name. */
export interface Pool {
  readonly name: PoolName;
  readonly slot: SlotName;
  readonly servers: readonly string[];
  readonly instances: readonly Instance[];
}

export const instanceKey = ({ server, port }: Instance): string => `${server}:${port}`;

export const instancesOf = (slot: Slot, servers: readonly string[] = slot.servers): Instance[] =>
  servers.flatMap((server) => slot.ports.map((port) => ({ server, port })));

const known = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Whether a server is in a list. The list is indexed once: fleets are large, and planning asks for every server of every step. */
export function isAmong(server: string, servers: readonly string[]): boolean {
  const names = known.get(servers) ?? new Set(servers);
  known.set(servers, names);
  return names.has(server);
}
