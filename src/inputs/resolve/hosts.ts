import type { Config, SshTarget } from '../config.ts';
import type { FleetFile } from '../file/fleet-file.ts';

type Ssh = FleetFile['ssh'];
type Jump = Ssh['jump'][number];
export type Via = NonNullable<FleetFile['balancers'][number]['via']>;

interface Written {
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
}

/** What is not said about a host is as in the section `ssh`; a name stands for an address and the other way round. */
const target = (host: Written, ssh: Ssh) => ({
  name: host.name ?? host.address ?? '',
  address: host.address ?? host.name ?? '',
  port: host.port ?? ssh.port,
  user: host.user ?? ssh.user,
});

const jumpHosts = (jump: readonly Jump[], ssh: Ssh): SshTarget[] =>
  jump.map((host) => ({ ...target(host, ssh), jump: [] }));

export const resolveServers = ({ servers, ssh }: Pick<FleetFile, 'servers' | 'ssh'>): Config['servers'] =>
  servers.flat().map((server) => ({ ...target(server, ssh), jump: jumpHosts(ssh.jump, ssh) }));

/** Where a balancer is controlled from. */
export const resolveVia = (via: Via, ssh: Ssh): SshTarget => ({
  ...target(via, ssh),
  jump: jumpHosts(via.jump ?? ssh.jump, ssh),
});
