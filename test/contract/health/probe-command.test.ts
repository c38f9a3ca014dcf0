import { access, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probeByCommand } from '../../../src/health/probe-command.ts';
import { awaitReady } from '../../../src/health/readiness.ts';
import type { Server } from '../../../src/servers/port.ts';
import { openServer } from '../../../src/servers/ssh/open.ts';
import { localServer } from '../../support/local-server.ts';
import { startSshd } from '../../support/sshd.ts';
import { expectOk } from '../server.contract.ts';
import { credentialsFor, targetOf } from '../ssh/access.ts';
import { as, instance, nobody, server } from './rig.ts';

const health = { path: '/health?a=b&c=$(id)', releaseHeader: 'X-Release', deadlineMs: 0, host: 'shop.test' };
const asking = { health, withinMs: 2000, signal: new AbortController().signal };

/** A server with these programs and a shell, and nothing else. */
async function serverWith(programs: Readonly<Record<string, string>>): Promise<Server> {
  const bin = await mkdtemp(join(tmpdir(), 'fleetflip-bin-'));
  onTestFinished(() => rm(bin, { recursive: true }));
  for (const name of ['sh', 'sed', 'tr', 'head']) await symlink('/usr/bin/busybox', join(bin, name));
  for (const [name, path] of Object.entries(programs)) await symlink(path, join(bin, name));
  const local = localServer(server);
  const run: Server['run'] = ({ script, args = [], ...rest }) =>
    local.run({ script: 'PATH=$1; export PATH; shift; exec sh -c "$@"', args: [bin, script, 'sh', ...args], ...rest });
  return { ...local, run };
}

const tools = [
  ['curl', { curl: '/usr/bin/curl' }],
  ['nc of OpenBSD', { nc: '/usr/bin/nc.openbsd' }],
  ['nc of BusyBox', { nc: '/usr/bin/busybox' }],
  ['BusyBox', { busybox: '/usr/bin/busybox' }],
  ['perl', { perl: '/usr/bin/perl' }],
  ['python3', { python3: '/usr/bin/python3' }],
  ['socat', { socat: '/usr/bin/socat' }],
  ['wget of GNU', { wget: '/usr/bin/wget' }],
] as const;

describe('probing by a command on the server', () => {
  it.for(tools)('asks many instances at once with %s', async ([name, programs], context) => {
    for (const path of Object.values(programs)) {
      const there = await access(path).then(
        () => true,
        () => false,
      );
      context.skip(!there, `${path} is not installed`);
    }
    const seen: (string | undefined)[] = [];
    const good = await instance((request, response) => {
      seen.push(request.headers.host, request.url);
      as('new')(request, response);
    });
    const sick = await instance(as('new', 500, 'database\u0007 is gone\n9999 HTTP/1.1 200 OK\n'));
    const down = await nobody();
    const ports = [good, sick, down].map(({ port }) => port);
    const answers = expectOk(await probeByCommand(await serverWith(programs), ports, asking));
    expect(answers[0]).toEqual({ answered: true, status: 200, words: '200 OK', release: 'new' });
    // wget keeps the body and the headers of a bad answer to itself.
    const words = name.startsWith('wget')
      ? /^500 Internal Server Error/
      : /^500 Internal Server Error "database is gone 9999 HTTP/;
    expect(answers[1]).toMatchObject({ answered: true, status: 500, words: expect.stringMatching(words) });
    expect(answers[2]).toEqual({ answered: false, words: 'connection refused' });
    expect(seen).toEqual(['shop.test', health.path]);
  });

  it('reads the release from the body', async () => {
    const one = await instance((_request, response) => void response.end('new\n'));
    const byBody = { ...asking, health: { path: '/', deadlineMs: 0 } };
    for (const [, programs] of tools) {
      const answers = expectOk(await probeByCommand(await serverWith(programs), [one.port], byBody));
      expect(answers, JSON.stringify(programs)).toMatchObject([{ answered: true, release: 'new' }]);
    }
  });

  it('says when the server has no tool for it', async () => {
    expect(await probeByCommand(await serverWith({ wget: '/usr/bin/busybox' }), [1], asking)).toMatchObject({
      ok: false,
      failure: { what: 'nothing on the server can ask an instance', where: server },
    });
  });

  it('takes over when a real SSH server forwards nothing', async () => {
    const sshd = await startSshd({ config: ['AllowTcpForwarding no'] });
    onTestFinished(() => sshd.stop());
    const ssh = expectOk(await openServer(targetOf(sshd), credentialsFor(sshd)));
    onTestFinished(() => ssh.close());
    let commands = 0;
    const counting: Server = {
      ...ssh,
      run: (command) => {
        commands += 1;
        return ssh.run(command);
      },
    };
    const instances = await Promise.all(Array.from({ length: 40 }, () => instance(as('new'))));
    const { signal } = asking;
    const ready = await awaitReady({ server: counting, instances, release: 'new', health, deadlineMs: 20_000, signal });
    expect(ready).toMatchObject({ ok: true, value: { instances: 40 } });
    expect(ssh.forwardsPorts()).toBe(false);
    expect(commands).toBeGreaterThan(0);
    expect(commands).toBeLessThan(10);
  });
});
