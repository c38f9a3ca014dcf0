import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Server } from '../../../src/servers/port.ts';
import { openServer, openServers } from '../../../src/servers/ssh/open.ts';
import { startDropbear } from '../../support/dropbear.ts';
import { freePort, type Sshd, type SshdOptions, startSshd } from '../../support/sshd.ts';
import { expectOk } from '../server.contract.ts';
import { credentialsFor, targetOf } from './access.ts';

const start = async (options?: SshdOptions): Promise<Sshd> => {
  const sshd = await startSshd(options);
  onTestFinished(() => sshd.stop());
  return sshd;
};

const open = async (sshd: Sshd): Promise<Server> => expectOk(await openServer(targetOf(sshd), credentialsFor(sshd)));

const lost = { ok: false, failure: { what: 'the SSH connection was lost', where: 'web-1' } };

/** Counts the connections that a server let in. */
const logins = async (sshd: Sshd): Promise<number> => (await sshd.log()).split('Accepted publickey').length - 1;

describe('a connection cut in the middle', () => {
  it('ends a command, a stream, a forwarded connection and an upload with the name of the server', async () => {
    const sshd = await start();
    const server = await open(sshd);
    const command = server.run({ script: 'echo begun; sleep 60' });
    const stream = expectOk(await server.stream({ script: 'echo begun; sleep 60' }));
    const streamed = text(stream.io);
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const forwarded = expectOk(await server.forward({ port: typeof address === 'object' ? (address?.port ?? 0) : 0 }));
    await sshd.cutConnections();
    expect(await command).toMatchObject(lost);
    expect(await stream.completed).toMatchObject(lost);
    await expect(streamed).rejects.toThrow('web-1: the SSH connection was lost');
    await expect(text(forwarded)).rejects.toThrow();
    expect(await server.run({ script: 'true' })).toMatchObject(lost);
    expect(await server.stream({ script: 'true' })).toMatchObject(lost);
    expect(await server.forward({ port: 1 })).toMatchObject(lost);
    expect(await server.upload([])).toMatchObject(lost);
    await server.close();
  });
});

describe('a command', () => {
  it('is given up at its deadline, and what it said so far is kept', async () => {
    const sshd = await start();
    const server = await open(sshd);
    const late = await server.run({ script: 'echo begun; sleep 3; echo never', deadlineMs: 300 });
    expect(late).toEqual({
      ok: false,
      failure: { what: 'a command did not end within 0.3 s', where: 'web-1', detail: 'begun\n' },
    });
    const { completed } = expectOk(await server.stream({ script: 'sleep 3', deadlineMs: 300 }));
    expect(await completed).toMatchObject({ ok: false, failure: { what: 'a command did not end within 0.3 s' } });
    await server.close();
  });

  it('is killed at its deadline where the server delivers signals', async () => {
    const dropbear = await startDropbear();
    onTestFinished(() => dropbear.stop());
    const server = await open(dropbear);
    const late = await server.run({ script: 'echo "pid $$"; exec sleep 60', deadlineMs: 300 });
    const pid = Number(/pid (\d+)/.exec(JSON.stringify(late))?.[1]);
    expect(pid).toBeGreaterThan(1);
    await expect
      .poll(() => (existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''))
      .not.toContain('sleep');
    await server.close();
  });

  it('gets its output cut at 8 MiB and runs on', async () => {
    const sshd = await start();
    const server = await open(sshd);
    const script = 'head -c 20000000 /dev/zero; echo end >&2';
    const { code, stdout, stderr } = expectOk(await server.run({ script }));
    expect({ code, length: stdout.length, stderr }).toEqual({ code: 0, length: 8 * 1024 * 1024, stderr: 'end\n' });
    await server.close();
  });

  it('that cannot be sent is refused', async () => {
    const sshd = await start();
    const server = await open(sshd);
    expect(await server.run({ script: 'true', args: ['a\0b'] })).toMatchObject({ ok: false });
    await server.close();
  });
});

describe('sessions', () => {
  it('are refused in words where the server has none at all', async () => {
    const sshd = await start({ config: ['MaxSessions 0'] });
    const server = await open(sshd);
    expect(await server.run({ script: 'true' })).toMatchObject({
      ok: false,
      failure: { what: 'the server opened no SSH session', where: 'web-1' },
    });
    await server.close();
  });

  it('are waited for no longer than the deadline', async () => {
    const sshd = await start({ config: ['MaxSessions 1'] });
    const server = await open(sshd);
    const busy = expectOk(await server.stream({ script: 'cat' }));
    const waiting = server.run({ script: 'echo late', deadlineMs: 200 });
    expect(await waiting).toMatchObject({ ok: false });
    busy.io.end();
    busy.io.resume();
    await busy.completed;
    expect(expectOk(await server.run({ script: 'echo in time' })).stdout).toBe('in time\n');
    await server.close();
  });
});

describe('servers behind a bastion', () => {
  it('share one connection to it, which ends with the last of them', async () => {
    const [bastion, first, second] = await Promise.all([start(), start(), start()]);
    const jump = [targetOf(bastion, { name: 'bastion' })];
    const targets = [targetOf(first, { name: 'a', jump }), targetOf(second, { name: 'b', jump })];
    const servers = await openServers(targets, credentialsFor(bastion, first, second));
    const opened = targets.map(({ name }) => {
      const server = servers.get(name);
      if (server === undefined) throw new Error(`no ${name}`);
      return expectOk(server);
    });
    const ports = await Promise.all(
      opened.map((server) => server.run({ script: 'set -- $SSH_CONNECTION; echo "$4"' })),
    );
    expect(ports.map((port) => expectOk(port).stdout)).toEqual([`${first.port}\n`, `${second.port}\n`]);
    expect(await logins(bastion)).toBe(1);
    await opened[0]?.close();
    expect(expectOk(await (opened[1] as Server).run({ script: 'echo still' })).stdout).toBe('still\n');
    expect(await bastion.log()).not.toContain('Received disconnect');
    await opened[1]?.close();
    await expect.poll(() => bastion.log()).toContain('Received disconnect');
  });

  it('are reached through several, each with its own host key', async () => {
    const [outer, inner, last] = await Promise.all([start(), start(), start()]);
    const jump = [targetOf(outer, { name: 'outer' }), targetOf(inner, { name: 'inner' })];
    const target = targetOf(last, { jump });
    const server = expectOk(await openServer(target, credentialsFor(outer, inner, last)));
    expect(expectOk(await server.run({ script: 'echo here' })).stdout).toBe('here\n');
    await server.close();
    const { knownHosts } = credentialsFor(outer, last);
    const refused = await openServer(target, { ...credentialsFor(outer, inner, last), knownHosts });
    expect(refused).toMatchObject({
      ok: false,
      failure: { where: 'inner', what: expect.stringContaining('known_hosts') },
    });
    expect(await logins(inner)).toBe(1);
  });

  it('are given up in words when it does not forward, or cannot reach them', async () => {
    const [closed, bastion] = await Promise.all([start({ config: ['AllowTcpForwarding no'] }), start()]);
    const port = await freePort();
    const behind = (sshd: Sshd) => ({ ...targetOf(bastion, { jump: [targetOf(sshd, { name: 'bastion' })] }), port });
    const credentials = credentialsFor(closed, bastion);
    expect(await openServer(behind(closed), credentials)).toMatchObject({
      ok: false,
      failure: { where: 'bastion', what: `bastion does not forward connections to 127.0.0.1:${port}` },
    });
    expect(await openServer(behind(bastion), credentials)).toMatchObject({
      ok: false,
      failure: { where: 'web-1', what: `bastion cannot reach 127.0.0.1:${port}` },
    });
  });
});

describe('connecting', () => {
  const patience = { deadlineMs: 300, attempts: 3, pauseMs: 1 };

  it('is tried again when the other side closes before it greets, and when it says nothing', async () => {
    for (const serve of ['close', 'silence']) {
      let attempts = 0;
      const odd = createServer((socket) => {
        attempts += 1;
        socket.on('error', () => {});
        if (serve === 'close') socket.destroy();
      });
      await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
      const address = odd.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const target = { name: 'web-1', address: '127.0.0.1', port, user: 'deploy', jump: [] };
      const lines: string[] = [];
      const options = { patience, log: (line: string) => lines.push(line) };
      const servers = await openServers([target], { knownHosts: [], privateKeys: [] }, options);
      odd.close();
      expect(servers.get('web-1')).toMatchObject({
        ok: false,
        failure: { what: expect.stringContaining('(3 attempts)') },
      });
      expect({ attempts, lines: lines.length }).toEqual({ attempts: 3, lines: 2 });
    }
  });

  it('is not tried again when the port is closed or the key is refused', async () => {
    const sshd = await start();
    const stranger = await start();
    const credentials = { ...credentialsFor(sshd), privateKeys: credentialsFor(stranger).privateKeys };
    const lines: string[] = [];
    const closed = { ...targetOf(sshd, { name: 'closed' }), port: await freePort() };
    const options = { patience: { ...patience, deadlineMs: 5_000 }, log: (line: string) => lines.push(line) };
    const servers = await openServers([closed, targetOf(sshd)], credentials, options);
    expect(servers.get('closed')).toMatchObject({
      ok: false,
      failure: { detail: expect.stringContaining('ECONNREFUSED') },
    });
    expect(servers.get('web-1')).toMatchObject({
      ok: false,
      failure: { what: expect.stringContaining('may not log in') },
    });
    expect(lines).toEqual([]);
  });
});
