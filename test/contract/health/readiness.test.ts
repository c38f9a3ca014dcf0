import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Instance } from '../../../src/fleet/nouns.ts';
import { type Awaited, awaitReady, observeInstances } from '../../../src/health/readiness.ts';
import { localServer } from '../../support/local-server.ts';
import { expectOk } from '../server.contract.ts';
import { as, instance, nobody, server } from './rig.ts';

const health = { path: '/healthz', releaseHeader: 'X-Release', deadlineMs: 0 };

const ready = (instances: readonly Instance[], changes: Partial<Awaited> = {}) =>
  awaitReady({
    server: localServer(server),
    instances,
    release: 'new',
    health,
    deadlineMs: 400,
    signal: new AbortController().signal,
    ...changes,
  });

const many = (count: number) => Promise.all(Array.from({ length: count }, () => instance(as('new'))));

describe('awaitReady', () => {
  it('sees every instance ready', async () => {
    const asked = new Set<number>();
    const instances = await Promise.all(
      Array.from({ length: 64 }, async (_, index) => {
        return instance((request, response) => {
          if (request.url === '/healthz' && request.headers.host === 'shop.test') asked.add(index);
          as('new')(request, response);
        });
      }),
    );
    const report = await ready(instances, { health: { ...health, host: 'shop.test' }, deadlineMs: 10_000 });
    expect(report).toMatchObject({ ok: true, value: { instances: 64 } });
    expect(asked.size).toBe(64);
  });

  it('waits for an instance that comes up, answers badly, then as another release, then well', async () => {
    const late = await nobody();
    let asked = 0;
    setTimeout(() => {
      const answers = [as('new', 503), as('old')];
      void instance((request, response) => (answers[asked++] ?? as('new'))(request, response), late.port);
    }, 50);
    expect(await ready([...(await many(3)), late], { deadlineMs: 10_000 })).toMatchObject({ ok: true });
    expect(asked).toBe(3);
  });

  it('tells once what many lack', async () => {
    const sick = await Promise.all([1, 2, 3].map(() => instance(as('new', 500, 'gone'))));
    const [first, second] = sick.map(({ port }) => port);
    expect(await ready(sick, { deadlineMs: 300 })).toMatchObject({
      failure: {
        what: `ports ${first}, ${second} and 1 more: 500 Internal Server Error "gone"; 0 of 3 ready after 0.3 s`,
      },
    });
  });

  it('shows the last answer of what is not ready at the deadline', async () => {
    const body = `\u001b[31mdatabase is gone\u0000${'!'.repeat(200_000)}`;
    const sick = await instance(as('new', 500, body));
    const failed = await ready([...(await many(5)), sick]);
    expect(failed).toEqual({
      ok: false,
      failure: {
        what: `port ${sick.port}: 500 Internal Server Error "database is gone ${'!'.repeat(102)}…"; 5 of 6 ready after 0.4 s`,
        where: 'web-1',
      },
    });
  });

  it('names the wrong release, the missing one and the missing instance', async () => {
    const wrong = await instance(as('old'));
    const unnamed = await instance((_request, response) => void response.end('new'));
    const down = await nobody();
    const failed = await ready([wrong, unnamed, down]);
    const words = failed.ok ? '' : `${failed.failure.what}\n${failed.failure.detail}`;
    expect(words).toContain(`port ${wrong.port}: 200 OK, but as release old instead of new`);
    expect(words).toContain(`port ${unnamed.port}: 200 OK, but no release in the header X-Release`);
    expect(words).toContain(`port ${down.port}: connection refused`);
    expect(words).toContain('0 of 3 ready');
  });

  it('takes the release from the body where no header is configured', async () => {
    const { releaseHeader: _, ...byBody } = health;
    const one = await instance((_request, response) => void response.end('new\n'));
    expect(await ready([one], { health: byBody })).toMatchObject({ ok: true });
    expect(await ready(await many(1), { health: byBody })).toMatchObject({
      failure: { what: expect.stringContaining('as release fine instead of new') },
    });
  });

  it('does not wait for ever for one that never answers, and others have their turn', async () => {
    const hanging = await instance(() => {});
    const failed = await ready([hanging, ...(await many(10))], { deadlineMs: 300 });
    expect(failed).toMatchObject({
      ok: false,
      failure: { what: expect.stringMatching(/: no answer (yet|within \d+ ms); 10 of 11 ready/) },
    });
  });

  it('does not take a redirect, or what is not HTTP, for an answer', async () => {
    const moved = await instance(
      (_request, response) => void response.writeHead(302, { location: '/', 'x-release': 'new' }).end(),
    );
    expect(await ready([moved])).toMatchObject({ failure: { what: expect.stringContaining(': 302 Found;') } });
    const odd = createServer((socket) => void socket.end('SSH-2.0-x\r\n\r\n'));
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void odd.close());
    const address = odd.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    expect(await ready([{ server, port }])).toMatchObject({ failure: { what: expect.stringContaining('not HTTP') } });
  });

  it('ends an endless body', async () => {
    const endless = await instance((_request, response) => {
      response.writeHead(200, { 'x-release': 'new' });
      const more = () => response.write('x'.repeat(65_536), () => setImmediate(more));
      more();
    });
    expect(await ready([endless], { deadlineMs: 10_000 })).toMatchObject({ ok: true });
  });

  it('ends at once when it is cancelled', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 60);
    const failed = await ready([await nobody(), await instance(() => {})], {
      deadlineMs: 60_000,
      signal: cancel.signal,
    });
    expect(failed).toMatchObject({
      ok: false,
      failure: { what: expect.stringContaining('0 of 2 ready when it was cancelled') },
    });
  });

  it('ends when somebody knows that waiting is useless', async () => {
    const trouble = { what: '1 of 1 processes not running', where: server };
    expect(await ready([await nobody()], { deadlineMs: 60_000, trouble: async () => trouble })).toEqual({
      ok: false,
      failure: trouble,
    });
  });
});

describe('observeInstances', () => {
  it('tells of every instance on this server what it answers', async () => {
    const [old, sick, down] = [await instance(as('old')), await instance(as('new', 500)), await nobody()];
    const more = await many(40);
    const here = { name: 'blue', servers: [server, 'web-2'], ports: [old.port, sick.port, down.port] };
    const also = { name: 'green', servers: [server], ports: more.map(({ port }) => port) };
    const elsewhere = { name: 'red', servers: ['web-2'], ports: [old.port] };
    const seen = expectOk(await observeInstances(localServer(server), [here, also, elsewhere], health));
    expect(seen.slice(0, 3)).toEqual([
      { ...old, slot: 'blue', ready: true, release: 'old' },
      { ...sick, slot: 'blue', ready: false, release: 'new' },
      { ...down, slot: 'blue', ready: false },
    ]);
    expect(seen.slice(3)).toEqual(more.map((one) => ({ ...one, slot: 'green', ready: true, release: 'new' })));
  });
});
