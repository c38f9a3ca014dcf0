import type { SshTarget } from '../../../src/inputs/config.ts';
import type { SshCredentials } from '../../../src/servers/ssh/connection.ts';
import { parsePrivateKey } from '../../../src/servers/ssh/keys.ts';
import { parseKnownHosts } from '../../../src/servers/ssh/known-hosts.ts';
import type { Sshd } from '../../support/sshd.ts';
import { expectOk } from '../server.contract.ts';

export const targetOf = ({ port, user }: Sshd, changes: Partial<SshTarget> = {}): SshTarget => ({
  name: 'web-1',
  address: '127.0.0.1',
  port,
  user,
  jump: [],
  ...changes,
});

/** What it takes to log in to these servers; the key is the first one's. */
export const credentialsFor = (...servers: readonly Sshd[]): SshCredentials => ({
  privateKeys: servers.map(({ clientKey }) => expectOk(parsePrivateKey(clientKey))),
  knownHosts: expectOk(parseKnownHosts(servers.map(({ knownHosts }) => knownHosts).join(''))),
});
