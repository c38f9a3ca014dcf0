import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { type Access, runnerAccess } from '../../../src/balancers/access.ts';
import { makeHaproxy } from '../../../src/balancers/haproxy/haproxy.ts';
import { makeRuntime } from '../../../src/balancers/haproxy/runtime.ts';
import { ok } from '../../../src/result.ts';
import { ask, eventually, unwrap } from './balancer.contract.ts';
import { blueAndGreen, entrance, placesOf } from './rig/fleet.ts';
import { startBackends } from './rig/processes.ts';
import { driverFor, membershipControl, membershipHaproxy, pointerControl, pointerHaproxy } from './rig/subjects.ts';

const { blue, green } = blueAndGreen(2);
const pools = [blue, green];
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const pointer = async (edit?: (config: string) => string) => {
  const started = await pointerHaproxy({ blue, green, index: 20, ...(edit ? { edit } : {}) });
  closing.push(started.haproxy.close, started.balancer.close);
  return started;
};

const membership = async (edit?: (config: string) => string) => {
  const started = await membershipHaproxy({ blue, green, index: 21, ...(edit ? { edit } : {}) });
  closing.push(started.haproxy.close, started.balancer.close);
  return started;
};

/** Connections that are cut when `mark` is written to one of them, once: before the command is passed on, or before its answer is. */
function cutting(mark: string, before: 'command' | 'answer'): Access {
  let cut = false;
  return {
    ...runnerAccess,
    async forward(target) {
      const opened = await runnerAccess.forward(target);
      if (!opened.ok) return opened;
      const inner = opened.value;
      let doomed = false;
      const outer = new Duplex({
        read() {},
        write(chunk, _encoding, done) {
          doomed = !cut && String(chunk).includes(mark);
          cut ||= doomed;
          if (doomed && before === 'command') inner.destroy();
          else inner.write(chunk);
          done();
        },
        destroy(error, done) {
          inner.destroy();
          done(error);
        },
      });
      inner.on('data', (chunk) => (doomed ? inner.destroy() : outer.push(chunk)));
      inner.on('close', () => outer.destroy());
      return ok(outer);
    },
  };
}

describe('a reload of HAProxy', () => {
  test('keeps the pointer, and leaves the rest of the map file alone', async () => {
    const { haproxy, balancer } = await pointer();
    unwrap(await balancer.apply(green, pools));
    expect(await readFile(haproxy.map, 'utf8')).toBe('# which backend is live\nshop shop-green\nother x\n');
    await haproxy.reload();
    expect(unwrap(await balancer.observe(pools)).live).toBe('green');
  });

  test('is noticed by a session that was opened before it: changes reach the new process', async () => {
    const { haproxy, balancer } = await pointer();
    unwrap(await balancer.open());
    await haproxy.reload();
    unwrap(await balancer.apply(green, pools));
    const other = driverFor({
      driver: 'haproxy',
      name: 'other',
      socket: haproxy.socket,
      control: pointerControl(haproxy.map),
    });
    closing.push(other.close);
    expect(unwrap(await other.observe(pools)).live).toBe('green');
  });

  test('ends a hold: the pool of the last flip is live', async () => {
    const { haproxy, balancer } = await pointer();
    unwrap(await balancer.hold(pools));
    await haproxy.reload();
    expect(unwrap(await balancer.observe(pools))).toMatchObject({ live: 'blue', held: false });
  });
});

test('a reload keeps enabled members where the state was saved before it, as docs/haproxy.md says', async () => {
  const { haproxy, balancer } = await membership();
  unwrap(await balancer.apply(green, pools));
  const runtime = makeRuntime('lb', haproxy.socket, runnerAccess);
  closing.push(async () => runtime.close());
  const [state = ''] = unwrap(await runtime.ask(['show servers state']));
  await writeFile(`${haproxy.folder}/server-state`, `${state}\n`);
  await haproxy.reload();
  expect(unwrap(await balancer.observe(pools)).live).toBe('green');
});

describe('a connection that is lost', () => {
  for (const before of ['command', 'answer'] as const) {
    test(`in the middle of a flip by pointer, before the ${before}`, async () => {
      const { haproxy } = await pointer();
      const config = {
        driver: 'haproxy',
        name: 'lb',
        socket: haproxy.socket,
        control: pointerControl(haproxy.map),
      } as const;
      const balancer = makeHaproxy(config, cutting('set map', before));
      closing.push(balancer.close);
      unwrap(await balancer.open());
      unwrap(await balancer.apply(green, pools));
      expect(unwrap(await balancer.observe(pools)).live).toBe('green');
    });

    test(`in the middle of a batch, before the ${before}`, async () => {
      const { haproxy } = await membership();
      const config = { driver: 'haproxy', name: 'lb', socket: haproxy.socket, control: membershipControl } as const;
      const balancer = makeHaproxy(config, cutting('state ready', before));
      closing.push(balancer.close);
      unwrap(await balancer.open());
      unwrap(await balancer.apply(green, pools));
      expect(unwrap(await balancer.observe(pools)).live).toBe('green');
    });
  }

  test('because HAProxy is gone, is told in one line that names the balancer', async () => {
    const { haproxy, balancer } = await pointer();
    unwrap(await balancer.open());
    await haproxy.close();
    closing.length = 0;
    const answer = await balancer.apply(green, pools);
    expect(answer).toMatchObject({ ok: false, failure: { where: 'lb-20' } });
  });
});

test('a socket that accepts and says nothing is given up, and said so', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  closing.push(async () => silent.close());
  const address = silent.address();
  const socket = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const balancer = driverFor({ driver: 'haproxy', name: 'lb', socket, control: membershipControl });
  closing.push(balancer.close);
  expect(await balancer.open()).toMatchObject({
    ok: false,
    failure: { where: 'lb', what: expect.stringContaining('no answer within') },
  });
});

describe('what a configuration lacks', () => {
  const whats = async (balancer: { check(of: typeof pools): Promise<readonly { what: string }[]> }) =>
    (await balancer.check(pools)).map(({ what }) => what);

  test('everything at once, by pointer', async () => {
    const { haproxy } = await pointer((config) =>
      config
        .replace('level admin', 'level user')
        .replace(/web-3-9002 \S+:9002/, (line) => line.replace(':9002', ':9001')),
    );
    const map = `${haproxy.folder}/other.map`;
    const control = { ...pointerControl(map), pools: { blue: 'shop-blue', green: 'shop-green', red: 'shop-red' } };
    const balancer = driverFor({ driver: 'haproxy', name: 'lb', socket: haproxy.socket, control });
    closing.push(balancer.close);
    const red = { ...blue, name: 'red' };
    expect((await balancer.check([...pools, red, { ...red, name: 'grey' }])).map(({ what }) => what)).toEqual([
      'the stats socket has level user',
      `HAProxy cannot read the map ${map}`,
      `the map file ${map} cannot be replaced`,
      'backend shop-green: web-3-9002 leads to port 9001',
      'backend shop-green: web-3-9001 = web-3-9002 lead to one address',
      'HAProxy has no backend shop-red with servers (pool red)',
      'no backend is configured for pool grey',
    ]);
  });

  test('a key that the map does not have', async () => {
    const { haproxy } = await pointer();
    const control = { ...pointerControl(haproxy.map), key: 'shopp' };
    const balancer = driverFor({ driver: 'haproxy', name: 'lb', socket: haproxy.socket, control });
    closing.push(balancer.close);
    expect(await whats(balancer)).toEqual([`the map ${haproxy.map} has no key shopp`]);
    expect(await balancer.apply(green, pools)).toMatchObject({ ok: false, failure: { detail: 'entry not found.' } });
  });

  test('a hold server, members, and a stranger, by membership', async () => {
    const { balancer } = await membership((config) =>
      config.replace(/ {4}server hold .*\n/, '').replace('web-2-8002', 'old-8002'),
    );
    unwrap(await balancer.open());
    expect(balancer.traits.hold).toBe(false);
    expect(await whats(balancer)).toEqual([
      'backend shop lacks web-2-8002',
      'backend shop also serves from old-8002',
      'backend shop has no hold server, so a cutover would show both versions or answer 503',
    ]);
    expect(unwrap(await balancer.observe(pools)).live).toBeUndefined();
    expect(await balancer.apply(blue, pools)).toMatchObject({
      ok: false,
      failure: { what: 'backend shop has no web-2-8002' },
    });
  });

  test('a frontend of the same name hides no member', async () => {
    const { balancer } = await membership((config) => config.replace('frontend shop-in', 'frontend shop'));
    expect(await whats(balancer)).toEqual([]);
    unwrap(await balancer.open());
    expect(balancer.traits.hold).toBe(true);
  });
});

test('a session outlives the idle timeout of the socket', async () => {
  const { haproxy, balancer } = await pointer((config) =>
    config.replace('level admin', 'level admin\n    stats timeout 30ms'),
  );
  unwrap(await balancer.open());
  await new Promise((resolve) => setTimeout(resolve, 50));
  unwrap(await balancer.apply(green, pools));
  expect(haproxy.map).toBeDefined();
});

test('requests wait at the hold server for seconds, not for ever', async () => {
  const backends = startBackends();
  closing.push(backends.close);
  await backends.start([...placesOf(blue), ...placesOf(green)]);
  const { balancer } = await membership((config) => config.replace('retries 50', 'retries 3'));
  unwrap(await balancer.open());
  unwrap(await balancer.hold(pools));
  expect(await ask(entrance(21))).toBe('status 503');
  unwrap(await balancer.apply(green, pools));
  expect(await eventually(async () => (await ask(entrance(21))) === 'green')).toBe(true);
});
