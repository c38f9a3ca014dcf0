import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lab, LabHost } from '../../lab/options.ts';
import { quote } from '../../src/servers/command.ts';

export const execute = promisify(execFile);

/** OpenSSH's client as its users set it up: key and known hosts in files, each machine under its name. */
export interface SshClient {
  readonly folder: string;
  /** What `ssh`, `scp` and `rsync` take before anything else. */
  readonly options: readonly string[];
  /** Runs a command on a machine, over a connection of its own. */
  run(host: LabHost, command: readonly string[]): Promise<unknown>;
}

export async function sshClient({ dir, ssh, servers, balancers }: Lab): Promise<SshClient> {
  const folder = join(dir, 'client');
  const file = (name: string) => join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file('key'), ssh.privateKey, { mode: 0o600 });
  await writeFile(file('known_hosts'), ssh.knownHosts);
  const common = `
Host *
  User ${ssh.user}
  IdentityFile ${file('key')}
  IdentitiesOnly yes
  UserKnownHostsFile ${file('known_hosts')}
  StrictHostKeyChecking yes
  BatchMode yes
`;
  await writeFile(file('ssh_config'), [...servers, ...balancers].map(hostEntry).join('') + common);
  const options = ['-F', file('ssh_config')];
  return {
    folder,
    options,
    run: (host, command) => execute('ssh', [...options, host.name, command.map(quote).join(' ')]),
  };
}

const hostEntry = ({ name, address, sshPort }: LabHost): string => `\
Host ${name}
  HostName ${address}
  Port ${sshPort}
`;
