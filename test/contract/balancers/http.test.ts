import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type Access, runnerAccess } from '../../../src/balancers/access.ts';
import { makeHttpBalancer } from '../../../src/balancers/http.ts';
import { makeBalancer } from '../../../src/balancers/open.ts';
import { ok } from '../../../src/result.ts';
import { balancerContract, unwrap } from './balancer.contract.ts';
import { blueAndGreen, placesOf } from './rig/fleet.ts';
import { startHttpBalancer } from './rig/http-balancer.ts';
import { startBackends } from './rig/processes.ts';

const token = 'a-secret-token';
const { blue, green } = blueAndGreen(2);
const pools = [blue, green];

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
  const closing: (() => Promise<void>)[] = [];
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
    expect(await balancer.admit(green, 60)).toMatchObject({
      ok: false,
      failure: { what: '7 of 8 members of pool green are up after 60 ms' },
    });
    const admitted = balancer.admit(green, 10_000);
    await sleep(30);
    proxy.mark('web-2:9001', true);
    unwrap(await admitted);
  });
});
