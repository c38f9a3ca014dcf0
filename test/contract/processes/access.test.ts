import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fail } from '../../../src/result.ts';
import type { Command, Server } from '../../../src/servers/port.ts';
import { makeProcessManager } from '../../../src/servers/processes/manager.ts';
import { openServer } from '../../../src/servers/ssh/open.ts';
import { localServer } from '../../support/local-server.ts';
import { startSshd } from '../../support/sshd.ts';
import { startSupervisord } from '../../support/supervisord/rig.ts';
import { expectOk } from '../server.contract.ts';
import { credentialsFor, targetOf } from '../ssh/access.ts';

const login = ['username=flip', 'password=s3cret'];

const start = async (options: Parameters<typeof startSupervisord>[0]) => {
  const rig = await startSupervisord(options);
  onTestFinished(() => rig.stop());
  return rig;
};

const manager = (
  config: { readonly socket: string; readonly username?: string; readonly password?: string },
  server = localServer('web-1'),
) => makeProcessManager({ manager: 'supervisord', program: 'shop', ...config }, server);

/** A server that reaches no socket at all; everything run on it is noted. */
function closedServer(ran: Command[] = [], wrap = (command: Command): Command => command): Server {
  const server = localServer('web-1');
  return {
    ...server,
    forward: async () => fail({ what: 'no way through', where: 'web-1', advice: 'Dig.' }),
    run(command) {
      ran.push(command);
      return server.run(wrap(command));
    },
  };
}

/** As a user without any rights. */
const asNobody = ({ script, args = [] }: Command): Command => ({
  script: 'exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c "$@"',
  args: [script, 'sh', ...args],
});

describe('the way to supervisord', () => {
  it('may need a user name and password', async () => {
    const { socket } = await start({ instances: 1, autostart: false, server: login });
    const asked = [
      { socket },
      { socket, username: 'flip', password: 'wrong' },
      { socket, username: 'flip', password: 's3cret' },
    ];
    const seen = await Promise.all(asked.map((config) => manager(config).status('current')));
    expect(seen).toMatchObject([
      { ok: false, failure: { what: 'supervisord asks for a user name and password', where: 'web-1' } },
      { ok: false, failure: { what: 'supervisord refuses the user name or password', where: 'web-1' } },
      { ok: true, value: [{ state: 'stopped' }] },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/wrong|s3cret/);
  });

  it('says what is wrong with the socket', async () => {
    const rig = await start({ instances: 1, autostart: false });
    const config = { socket: rig.socket };
    const missing = { socket: join(rig.folder, 'none.sock') };
    await writeFile(join(rig.folder, 'file'), '');
    const other = { socket: join(rig.folder, 'file') };
    const denied = closedServer([], asNobody);
    expect(await manager(missing).restart('current')).toMatchObject({
      failure: {
        what: `there is no supervisord socket at ${missing.socket}`,
        advice: expect.stringContaining('process.socket'),
      },
    });
    expect(await manager(other).restart('current')).toMatchObject({
      failure: { what: `${other.socket} is no socket` },
    });
    const behindFolder = await manager(config, denied).restart('current');
    await chmod(rig.folder, 0o755);
    const behindMode = await manager(config, denied).restart('current');
    const may = { failure: { what: `nobody may not use supervisord's socket ${rig.socket}` } };
    expect([behindFolder, behindMode]).toMatchObject([may, may]);
    expect(behindMode).toMatchObject({ failure: { detail: expect.stringContaining('srwx------') } });
    // Where nothing is wrong with the socket, what stood in the way is said as it is.
    expect(await manager(config, closedServer()).restart('current')).toMatchObject({
      failure: { what: 'no way through', advice: 'Dig.' },
    });
  });

  it('tells a socket that nobody listens at any more', async () => {
    const rig = await start({ instances: 1, autostart: false });
    const socket = join(rig.folder, 'left.sock');
    const script = 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])';
    const left = spawn('/usr/bin/python3', ['-c', script, socket]);
    await new Promise((resolve) => left.once('exit', resolve));
    const seen = await manager({ socket }).status('current');
    expect(seen).toMatchObject({ failure: { advice: expect.stringContaining('leaves its socket behind') } });
  });

  it.each([
    ['another web server', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'has no RPC interface'],
    ['a broken one', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'not XML-RPC'],
    ['no web server', 'SSH-2.0-x\r\n', 'no answer from supervisord'],
    ['one that hangs up', '', 'no answer from supervisord'],
  ])('may lead to %s', async (_name, answer, words) => {
    const listener = createServer((socket) => socket.once('data', () => socket.end(answer)));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void listener.close());
    const address = listener.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const seen = await manager({ socket: `127.0.0.1:${port}` }).status('current');
    expect(seen).toMatchObject({ ok: false, failure: { what: expect.stringContaining(words), where: 'web-1' } });
  });

  it('leads through supervisorctl where nothing else does, and names no process and no password', async () => {
    const rig = await start({ instances: 16, server: login });
    const ran: Command[] = [];
    const server = closedServer(ran);
    const byHand = makeProcessManager(
      {
        manager: 'supervisord',
        program: 'shop',
        socket: rig.socket,
        config: rig.config,
        username: 'flip',
        password: 's3cret',
      },
      server,
    );
    const before = await rig.allPids();
    expect(await byHand.restart('current')).toMatchObject({ ok: true, value: { processes: 16 } });
    const after = await rig.allPids();
    expect([...before].filter(([port, pid]) => after.has(port) && after.get(port) !== pid)).toHaveLength(16);
    const words = ran.flatMap(({ args = [] }) => args);
    expect(words).toContain('shop:*');
    expect(words.filter((word) => /^shop:p/.test(word))).toEqual([]);
    expect(JSON.stringify(ran)).not.toContain('s3cret');

    await rig.behave('crash');
    const crashed = await byHand.restart('current');
    expect(crashed).toMatchObject({
      ok: false,
      failure: { detail: expect.stringContaining('cannot open the database') },
    });
    expect(await byHand.stop('current')).toEqual({ ok: true, value: undefined });
    expect((await rig.pids()).size).toBe(0);
    const missing = makeProcessManager(
      { manager: 'supervisord', program: 'x', socket: rig.socket, config: rig.config },
      server,
    );
    expect(await missing.status('current')).toMatchObject({
      ok: false,
      failure: { what: 'supervisord has no group x' },
    });
  });

  it.each([
    ['forwarding', []],
    ['a helper command', ['AllowTcpForwarding no', 'AllowStreamLocalForwarding no']],
  ])('leads over SSH by %s', async (_name, sshdConfig) => {
    const [rig, sshd] = await Promise.all([start({ instances: 16 }), startSshd({ config: sshdConfig })]);
    onTestFinished(() => sshd.stop());
    const server = expectOk(await openServer(targetOf(sshd), credentialsFor(sshd)));
    onTestFinished(() => server.close());
    const before = await rig.allPids();
    expect(await manager({ socket: rig.socket }, server).restart('current')).toMatchObject({
      ok: true,
      value: { processes: 16 },
    });
    const after = await rig.allPids();
    expect([...before].filter(([port, pid]) => after.has(port) && after.get(port) !== pid)).toHaveLength(16);
    const missing = await manager({ socket: join(rig.folder, 'none') }, server).status('current');
    expect(missing).toMatchObject({
      ok: false,
      failure: { what: `there is no supervisord socket at ${rig.folder}/none` },
    });
  });
});
