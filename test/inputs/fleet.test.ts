import { describe, expect, it } from 'vitest';
import { readFleet } from '../../src/inputs/fleet.ts';
import { configOf, fleetText, lines, mistakesOf, read, reference } from './fleet-text.ts';

describe('a fleet file of four lines', () => {
  it('gets everything else from the name of the application', () => {
    const web = (name: string) => ({ name, address: name, port: 22, user: 'deploy', jump: [] });
    expect(configOf({ servers: 'servers: [web-1, web-2]' })).toEqual({
      app: 'shop',
      servers: [web('web-1'), web('web-2')],
      slots: [
        { name: 'blue', servers: ['web-1', 'web-2'], ports: [8001, 8002] },
        { name: 'green', servers: ['web-1', 'web-2'], ports: [9001, 9002] },
      ],
      release: { path: '/srv/shop', transfer: 'auto', keep: 5, shared: [] },
      process: { manager: 'supervisord', program: 'shop-{slot}', socket: '/var/run/supervisor.sock' },
      health: { path: '/healthz', releaseHeader: 'X-Release', deadlineMs: 30_000 },
      balancers: [
        {
          driver: 'haproxy',
          name: 'lb-1',
          socket: '/run/haproxy/admin.sock',
          via: web('lb-1'),
          control: {
            by: 'pointer',
            map: '/etc/haproxy/live.map',
            key: 'shop',
            pools: { blue: 'shop-blue', green: 'shop-green' },
            member: '{server}-{port}',
          },
        },
      ],
      strategy: { type: 'blue-green', keepOld: 'forever', drainMs: 30_000 },
      budgetMs: 5000,
    });
  });

  it('is a swap where there is one slot', () => {
    const config = configOf({ instances: 'instances: { ports: 8001 }' });
    expect(config.strategy.type).toBe('swap');
    expect(config.slots).toEqual([{ name: 'current', servers: ['web-1', 'web-2', 'web-3', 'web-4'], ports: [8001] }]);
    expect(config.process).toMatchObject({ program: 'shop' });
    expect(config.balancers).toMatchObject([{ control: { pools: { all: 'shop-all', a: 'shop-a', b: 'shop-b' } } }]);
  });
});

describe('hosts', () => {
  it('take from the section ssh what they do not say', () => {
    const config = configOf({
      servers: 'servers: ["web-[1-2]", { name: db, address: 10.0.0.9, port: 2222, user: root }]',
      ssh: 'ssh: { user: ops, port: 2022, jump: [one, { address: two, port: 22, user: hop }] }',
      balancers: 'balancers: [{ via: { address: lb, user: admin } }, { name: own, via: { address: lb2, jump: [] } }]',
    });
    const one = { name: 'one', address: 'one', port: 2022, user: 'ops', jump: [] };
    const jump = [one, { name: 'two', address: 'two', port: 22, user: 'hop', jump: [] }];
    expect(config.servers[0]).toEqual({ name: 'web-1', address: 'web-1', port: 2022, user: 'ops', jump });
    expect(config.servers[2]).toEqual({ name: 'db', address: '10.0.0.9', port: 2222, user: 'root', jump });
    expect(config.balancers[0]?.via).toEqual({ name: 'lb', address: 'lb', port: 2022, user: 'admin', jump });
    expect(config.balancers[1]?.via?.jump).toEqual([]);
  });
});

describe('sections', () => {
  it('of every kind end up in the configuration', () => {
    const config = configOf(
      {
        instances:
          'instances: { slots: { blue: { servers: "web-[1-2]", ports: [1, 3-4] }, green: { servers: [web-3, web-4], ports: 1 } } }',
        process: 'process: { manager: command, restart: r, stop: s, status: t }',
        health: 'health: { path: /up, release-header: false, deadline: 1m, host: shop.example.com }',
        balancers: `balancers: [{ backend: shop, socket: "127.0.0.1:9999" }, { driver: http, url: "http://lb:81/", token: "${reference('T')}" }]`,
        witness: 'witness: { url: "https://shop.example.com/", rate: 300/m }',
        strategy: 'strategy: { keep-old: 10m, drain: 500ms, min-capacity: 3 }',
        budget: 'budget: 2.5s',
        cdn: 'cdn: { purge: { provider: fastly, service: abc, keys: [k] } }',
      },
      { T: 'token-1', FASTLY_TOKEN: 'token-2' },
    );
    expect(config).toMatchObject({
      slots: [
        { name: 'blue', servers: ['web-1', 'web-2'], ports: [1, 3, 4] },
        { name: 'green', servers: ['web-3', 'web-4'], ports: [1] },
      ],
      process: { manager: 'command', restart: 'r', stop: 's', status: 't' },
      health: { path: '/up', deadlineMs: 60_000, host: 'shop.example.com' },
      balancers: [
        {
          name: 'haproxy-1',
          socket: '127.0.0.1:9999',
          control: { by: 'membership', backend: 'shop', member: '{server}-{port}' },
        },
        { name: 'http-2', driver: 'http', url: 'http://lb:81/', token: 'token-1' },
      ],
      witness: { url: 'https://shop.example.com/', ratePerSecond: 5 },
      strategy: { keepOld: 600_000, drainMs: 500, minCapacity: 0.75 },
      budgetMs: 2500,
      cdn: { purge: { token: 'token-2', endpoint: 'https://api.fastly.com', againAfterMs: 2000 } },
    });
    expect(config.health).not.toHaveProperty('releaseHeader');
    expect(config.witness).not.toHaveProperty('releaseHeader');
  });

  it('take the credentials of an upload from where its tools keep them', () => {
    const cdn = 'cdn: { upload: { to: s3://assets/shop/v1/, from: build, region: eu-west-1 } }';
    const environment = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' };
    expect(configOf({ cdn }, environment).cdn?.upload).toEqual({
      bucket: 'assets',
      prefix: 'shop/v1',
      from: 'build',
      endpoint: 'https://s3.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      cacheControl: 'public, max-age=31536000, immutable',
      accessKeyId: 'AKIA',
      secretAccessKey: 'secret',
      sessionToken: 'session',
    });
    const own = `${cdn.slice(0, -3)}, access-key-id: "${reference('ID')}", secret-access-key: "${reference('KEY')}" } }`;
    expect(configOf({ cdn: own }, { ...environment, ID: 'own', KEY: 'k' }).cdn?.upload).not.toHaveProperty(
      'sessionToken',
    );
    expect(mistakesOf({ cdn })).toEqual([
      expect.stringMatching(/^fleet.yml:5:16 cdn.upload: the environment variable AWS_ACCESS_KEY_ID is not set → /),
      expect.stringMatching(/^fleet.yml:5:16 cdn.upload: the environment variable AWS_SECRET_ACCESS_KEY is not set → /),
    ]);
  });
});

describe('mistakes', () => {
  it('are told all at once, in the order of the file, each with its place', () => {
    const text = [
      'ap: shop',
      'servers:',
      '  - { name: web-1, addres: 10.0.0.1 }',
      '  - 7',
      '  - web-[4-1]',
      'instances: { slots: { blue: 70000, green: 12-x } }',
      'balancers:',
      '  - driver: haprox',
      '  - driver: http',
      '  - pointer: { pools: { bleu: x } }',
      'strategy: { type: Blue_Green, keep-old: 10x, min-capacity: 150% }',
      'release: { path: "/srv/{slto}", keep: 1 }',
      'health:',
      'budget: 5',
    ].join('\n');
    expect(lines(read(text))).toEqual([
      'fleet.yml:1:1 app: is missing: it must be a name of letters, digits, ".", "_" and "-"',
      'fleet.yml:1:1 ap: unknown key → did you mean "app"?',
      'fleet.yml:3:20 servers[0].addres: unknown key → did you mean "address"?',
      'fleet.yml:4:5 servers[1]: must be a name of letters, digits, ".", "_" and "-", or a section with keys, not 7',
      'fleet.yml:5:5 servers[2]: has a reversed range [4-1], not "web-[4-1]"',
      'fleet.yml:6:29 instances.slots.blue: must be between 1 and 65535, not 70000',
      'fleet.yml:6:43 instances.slots.green: must be a port or a range of ports such as 8001-8064, not "12-x"',
      'fleet.yml:8:13 balancers[0].driver: must be one of haproxy, http, not "haprox" → did you mean "haproxy"?',
      'fleet.yml:9:5 balancers[1].url: is missing: it must be text',
      'fleet.yml:10:25 balancers[2].pointer.pools.bleu: unknown key → did you mean "blue"?',
      'fleet.yml:11:19 strategy.type: must be one of blue-green, swap, not "Blue_Green" → did you mean "blue-green"?',
      'fleet.yml:11:41 strategy.keep-old: must be a duration such as 10m, or forever, not "10x"',
      'fleet.yml:11:60 strategy.min-capacity: must be at most the whole (100%), not "150%"',
      'fleet.yml:12:18 release.path: has an unknown placeholder, not "/srv/{slto}" → known: {server}',
      'fleet.yml:12:39 release.keep: must be at least 2: the live release and the one to go back to, not 1',
      'fleet.yml:13:8 health: is empty: it must be a section with keys',
      'fleet.yml:14:9 budget: must be a duration such as 500ms, 30s, 10m or 1h, not 5',
    ]);
  });

  it('name the file that is not there', async () => {
    const result = await readFleet('/nowhere/fleet.yml', {});
    expect(result).toMatchObject({ ok: false, failures: [{ where: '/nowhere/fleet.yml' }] });
  });

  it('are not doubled where the reference in a value is missing already', () => {
    expect(mistakesOf({ budget: `budget: ${reference('BUDGET')}` })).toEqual([
      'fleet.yml:5:9 budget: the environment variable BUDGET is not set → hand it to the step: env: BUDGET: $'.concat(
        '{{ secrets.BUDGET }}',
      ),
    ]);
  });
});

describe('hints', () => {
  const hinted = (changed: Readonly<Record<string, string>>) => {
    const result = read(fleetText(changed));
    return result.ok ? result.hints.map(({ what }) => what) : lines(result);
  };
  const witness = 'witness: { url: "https://shop.example.com/" }';

  it('say what the report cannot say', () => {
    expect(hinted({})).toEqual([expect.stringContaining('without a witness')]);
    expect(hinted({ witness })).toEqual([]);
  });

  it('say that two balancers without a hold cannot change at once', () => {
    const two = 'balancers: [{ via: lb-1, pointer: { hold: hold } }, { via: lb-2 }]';
    expect(hinted({ witness, balancers: two })).toEqual([expect.stringMatching(/^balancers\[1\]: several balancers/)]);
    expect(hinted({ witness, balancers: two.replace('lb-2', 'lb-2, pointer: { hold: hold }') })).toEqual([]);
  });
});
