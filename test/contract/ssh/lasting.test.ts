import { expect, it, onTestFinished } from 'vitest';
import type { Server } from '../../../src/servers/port.ts';
import { lasting } from '../../../src/servers/ssh/lasting.ts';
import { openEach, openServer } from '../../../src/servers/ssh/open.ts';
import { type Sshd, startSshd } from '../../support/sshd.ts';
import { expectOk } from '../server.contract.ts';
import { credentialsFor, targetOf } from './access.ts';

const start = async (): Promise<Sshd> => {
  const sshd = await startSshd();
  onTestFinished(() => sshd.stop());
  return sshd;
};

const logins = async (sshd: Sshd): Promise<number> => (await sshd.log()).split('Accepted publickey').length - 1;

const lastingServer = async (sshd: Sshd): Promise<Server> => {
  const reopen = () => openServer(targetOf(sshd), credentialsFor(sshd));
  return lasting(expectOk(await reopen()), reopen);
};

it('is reached again after its connection was lost, by one new connection for all who ask', async () => {
  const sshd = await start();
  const server = await lastingServer(sshd);
  const underWay = server.run({ script: 'echo once >> "$1"; sleep 60', args: [`${sshd.folder}/effects`] });
  const effects = async () =>
    expectOk(await server.run({ script: 'cat "$1"', args: [`${sshd.folder}/effects`] })).stdout;
  await expect.poll(effects).toBe('once\n');
  await sshd.cutConnections();
  expect(await underWay).toMatchObject({ ok: false, failure: { what: 'the SSH connection was lost' } });
  const answers = await Promise.all(['a', 'b', 'c'].map((word) => server.run({ script: 'echo "$1"', args: [word] })));
  expect(answers.map((answer) => expectOk(answer).stdout)).toEqual(['a\n', 'b\n', 'c\n']);
  expect(await logins(sshd)).toBe(2);
  expect(await effects()).toBe('once\n');
  await server.close();
});

it('says that the connection was lost and why there is no new one, and tries again when it is asked again', async () => {
  const sshd = await start();
  let reachable = false;
  const reopen = () => openServer(targetOf(sshd), credentialsFor(sshd));
  const server = lasting(expectOk(await reopen()), async () =>
    reachable ? reopen() : { ok: false, failure: { what: 'no route to host', where: 'web-1' } },
  );
  await sshd.cutConnections();
  await expect
    .poll(() => server.run({ script: 'true' }))
    .toEqual({ ok: false, failure: { what: 'connection lost, and not made anew: no route to host', where: 'web-1' } });
  reachable = true;
  expectOk(await server.run({ script: 'true' }));
  await server.close();
});

it('is not connected to anew once it was closed', async () => {
  const sshd = await start();
  const server = await lastingServer(sshd);
  await server.close();
  expect(await server.run({ script: 'true' })).toMatchObject({ ok: false });
  expect(await logins(sshd)).toBe(1);
});

it('is told apart from another machine of the same name', async () => {
  const [one, other] = await Promise.all([start(), start()]);
  const targets = [targetOf(one), targetOf(other)];
  const opened = await openEach(targets, credentialsFor(one, other));
  const ports = await Promise.all(
    opened.map((server) => expectOk(server).run({ script: 'set -- $SSH_CONNECTION; echo "$4"' })),
  );
  expect(ports.map((port) => expectOk(port).stdout)).toEqual([`${one.port}\n`, `${other.port}\n`]);
  await Promise.all(opened.map((server) => expectOk(server).close()));
});
