import { afterAll, beforeAll } from 'vitest';
import { openServer } from '../../../src/servers/ssh/open.ts';
import { startDropbear } from '../../support/dropbear.ts';
import { localServer } from '../../support/local-server.ts';
import { type Sshd, startSshd } from '../../support/sshd.ts';
import { type ContractOptions, expectOk, serverContract } from '../server.contract.ts';
import { credentialsFor, targetOf } from './access.ts';

/** Runs the contract against a real SSH server. */
function overSsh(name: string, start: () => Promise<Sshd>, options: ContractOptions = {}): void {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await start();
  });
  afterAll(() => sshd?.stop());
  serverContract(name, async () => expectOk(await openServer(targetOf(sshd), credentialsFor(sshd))), options);
}

serverContract('this machine', async () => localServer());
overSsh('OpenSSH', () => startSshd());
overSsh('OpenSSH without forwarding', () =>
  startSshd({ config: ['AllowTcpForwarding no', 'AllowStreamLocalForwarding no'] }),
);
overSsh('OpenSSH with two sessions and no SFTP', () => startSshd({ config: ['MaxSessions 2'], sftp: false }), {
  uploads: false,
});
overSsh('Dropbear', () => startDropbear());
overSsh('Dropbear without forwarding', () => startDropbear({ args: ['-j'] }));
