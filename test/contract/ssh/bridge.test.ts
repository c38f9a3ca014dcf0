import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ForwardTarget, Server } from '../../../src/servers/port.ts';
import { openServer } from '../../../src/servers/ssh/open.ts';
import { execute, startSshd } from '../../support/sshd.ts';
import { expectOk } from '../server.contract.ts';
import { credentialsFor, targetOf } from './access.ts';

/** The system's own program, not a wrapper of this machine's user. */
const find = async (program: string): Promise<string> => {
  const found = await execute('sh', ['-c', 'command -v "$1"', 'find', program], { env: { PATH: '/usr/bin:/bin' } });
  return found.stdout.trim();
};

/** A server that forwards nothing and has, besides a few BusyBox tools, only the given programs. */
async function serverWith(programs: readonly string[]): Promise<{ server: Server; folder: string }> {
  const bin = await mkdtemp(join(tmpdir(), 'fleetflip-bin-'));
  onTestFinished(() => rm(bin, { recursive: true }));
  const busybox = await find('busybox');
  for (const name of ['sh', 'sed', 'grep']) await symlink(busybox, join(bin, name));
  for (const program of programs) await symlink(await find(program), join(bin, program));
  const sshd = await startSshd({
    config: ['AllowTcpForwarding no', 'AllowStreamLocalForwarding no'],
    environment: { PATH: bin },
  });
  onTestFinished(() => sshd.stop());
  const server = expectOk(await openServer(targetOf(sshd), credentialsFor(sshd)));
  onTestFinished(() => server.close());
  return { server, folder: sshd.folder };
}

async function listen(where: { path: string } | { port: number; host: string }, serve: (socket: Socket) => void) {
  const listener = createServer({ allowHalfOpen: true }, serve);
  await new Promise<void>((resolve) => listener.listen(where, resolve));
  onTestFinished(() => void listener.close());
  const address = listener.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const count = (socket: Socket) => void buffer(socket).then((all) => socket.end(`${all.length} bytes`));

describe('a server that forwards nothing', () => {
  it.for(['nc', 'busybox', 'perl', 'python3', 'socat'])('is crossed with %s', async (program, context) => {
    const there = await find(program).then(
      () => true,
      () => false,
    );
    context.skip(!there, `${program} is not installed`);
    const { server, folder } = await serverWith([program]);
    const path = join(folder, 'a socket, "odd"');
    const port = await listen({ port: 0, host: '127.0.0.1' }, count);
    await listen({ path }, count);
    const targets: readonly ForwardTarget[] = program === 'busybox' ? [{ port }] : [{ port }, { path }];
    for (const target of targets) {
      const io = expectOk(await server.forward(target));
      io.end(Buffer.alloc(300_000));
      expect(await text(io)).toBe('300000 bytes');
    }
  });

  it.for(['perl', 'python3'])('tells with %s what does not answer', async (program) => {
    const { server, folder } = await serverWith([program]);
    for (const target of [{ path: join(folder, 'nobody') }, { port: 1 }])
      expect(await server.forward(target)).toMatchObject({
        ok: false,
        failure: { what: expect.stringMatching(/^no connection to (\/.*nobody|127\.0\.0\.1:1) on the server$/) },
      });
  });

  it('and has nothing to cross it with says what would help', async () => {
    const { server } = await serverWith([]);
    expect(await server.forward({ path: '/run/app.sock' })).toMatchObject({
      ok: false,
      failure: { where: 'web-1', advice: expect.stringContaining('AllowStreamLocalForwarding') },
    });
    expect(await server.forward({ port: 1 })).toMatchObject({
      ok: false,
      failure: { advice: expect.stringMatching(/AllowTcpForwarding.*busybox nc.*socat/) },
    });
  });
});
