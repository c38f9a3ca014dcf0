import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { type Access, runnerAccess } from '../../../src/balancers/access.ts';
import { makeHttpBalancer } from '../../../src/balancers/http.ts';
import { makeBalancer } from '../../../src/balancers/open.ts';
import { ok } from '../../../src/result.ts';
import { balancerContract, unwrap } from './balancer.contract.ts';
import { blueAndGreen, placesOf } from './rig/fleet.ts';
import { startHttpBalancer } from './rig/http-balancer.ts';
import { startBackends } from './rig/processes.ts';

const run = promisify(execFile);
const token = 'a-secret-token';
const { blue, green } = blueAndGreen(2);
const pools = [blue, green];
const never = new AbortController().signal;

/** Streams without the methods of a socket, as a channel of an SSH connection is one. */
const throughHost: Access = {
  ...runnerAccess,
  async forward(target) {
    const stream = await runnerAccess.forward(target);
    return stream.ok ? ok(Duplex.from({ readable: stream.value, writable: stream.value })) : stream;
  },
};

balancerContract('an HTTP balancer through its host', async () => {
  const backends = startBackends();
  await backends.start([...placesOf(blue), ...placesOf(green)]);
  const proxy = await startHttpBalancer({ pools, live: 'blue', token });
  const via = { name: 'lb', address: '127.0.0.1', port: 22, user: 'deploy', jump: [] };
  return {
    balancer: makeBalancer({ driver: 'http', name: 'lb', url: proxy.url, token, via }, async () => ok(throughHost)),
    blue,
    green,
    entrance: proxy.entrance,
    async close() {
      await proxy.close();
      await backends.close();
    },
  };
});

describe('an HTTP balancer that does not do as told', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const started = async (given = token) => {
    const proxy = await startHttpBalancer({ pools, live: 'blue', token });
    const balancer = makeHttpBalancer({ driver: 'http', name: 'lb', url: proxy.url, token: given }, runnerAccess);
    closing.push(
      () => balancer.close(),
      () => proxy.close(),
    );
    return { proxy, balancer };
  };

  test('a refused token is told without the token', async () => {
    const { balancer } = await started('wrong-token');
    const opened = await balancer.open();
    expect(opened).toMatchObject({ ok: false, failure: { where: 'lb', detail: 'not Bearer ***' } });
    expect(JSON.stringify(opened)).not.toContain('wrong-token');
  });

  test('nobody listening is one line', async () => {
    const { proxy, balancer } = await started();
    await proxy.close();
    closing.pop();
    expect(await balancer.open()).toMatchObject({
      ok: false,
      failure: { where: 'lb', detail: expect.stringContaining('ECONNREFUSED') },
    });
  });

  test('a change to a pool that nobody has is read back as it is', async () => {
    const { balancer } = await started();
    unwrap(await balancer.open());
    unwrap(await balancer.apply({ ...green, name: 'purple' }, pools));
    expect(unwrap(await balancer.observe(pools)).live).toBeUndefined();
  });

  test('members are waited for until they are up, and no longer than the deadline', async () => {
    const { proxy, balancer } = await started();
    proxy.mark('web-2:9001', false);
    expect(await balancer.admit(green, 60, never)).toMatchObject({
      ok: false,
      failure: { what: '7 of 8 members of pool green up after 60 ms' },
    });
    const admitted = balancer.admit(green, 10_000, never);
    await sleep(30);
    proxy.mark('web-2:9001', true);
    unwrap(await admitted);
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fleetflip-tls-'));
    closing.push(() => rm(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
    const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (_, answer) =>
      answer.end('{}'),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closing.push(async () => server.close());
    const address = server.address();
    const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
    expect(await makeHttpBalancer({ driver: 'http', name: 'lb', url }, runnerAccess).open()).toMatchObject({
      ok: false,
      failure: { where: 'lb', what: expect.stringContaining(`GET ${url}: self-signed certificate`) },
    });
  });
});
