import { describe, expect, it } from 'vitest';
import { mistakesOf } from './fleet-text.ts';

const oneSlot = { instances: 'instances: { ports: 8001-8002 }' };

describe('servers', () => {
  it('have names of their own', () => {
    expect(mistakesOf({ servers: 'servers: [web-1, "web-[1-2]"]' })).toEqual([
      'fleet.yml:2:18 servers[1]: there is another server called web-1',
    ]);
  });

  it('are not the same machine twice', () => {
    const servers = 'servers: [{ name: a, address: 10.0.0.1 }, { name: b, address: 10.0.0.1, port: 22 }]';
    expect(mistakesOf({ servers })).toEqual(['fleet.yml:2:43 servers[1]: b has the address of a (10.0.0.1 port 22)']);
    expect(mistakesOf({ servers: servers.replace('port: 22', 'port: 23') })).toEqual([]);
  });
});

describe('slots', () => {
  const slots = (blue: string, green: string) => ({
    instances: `instances: { slots: { blue: ${blue}, green: ${green} } }`,
  });

  it('share no port on a server', () => {
    expect(mistakesOf(slots('8001-8064', '8064-8070'))).toEqual([
      'fleet.yml:3:47 instances.slots.green: has port 8064 of blue on the same server (web-1)',
    ]);
    expect(mistakesOf(slots('[1, 2, 3]', '2-3'))).toEqual([expect.stringContaining('has 2 ports (2, …) of blue')]);
  });

  it('may share ports on different servers', () => {
    expect(mistakesOf(slots('{ servers: "web-[1-2]", ports: 1 }', '{ servers: "web-[3-4]", ports: 1 }'))).toEqual([]);
  });

  it('are on servers that there are, and on all of them', () => {
    expect(mistakesOf(slots('{ servers: [web-1, web-1, wbe-2], ports: 1 }', '{ servers: web-3, ports: 1 }'))).toEqual([
      'fleet.yml:3:21 instances.slots: no slot is on web-2, web-4',
      'fleet.yml:3:40 instances.slots.blue.servers: names web-1 twice',
      'fleet.yml:3:40 instances.slots.blue.servers: there is no server wbe-2 → did you mean "web-2"?',
    ]);
  });

  it('have programs of their own, where they share a server', () => {
    const process = 'process: { program: shop }';
    expect(mistakesOf({ process })).toEqual([
      'fleet.yml:5:21 process.program: is the same program for both slots: a restart of one would take the other down → write shop-{slot}',
    ]);
    const apart = slots('{ servers: "web-[1-2]", ports: 1 }', '{ servers: "web-[3-4]", ports: 1 }');
    expect(mistakesOf({ ...apart, process })).toEqual([]);
  });

  it('are either named or not', () => {
    const message = 'fleet.yml:3:12 instances: must have either ports or slots, and not both';
    expect(mistakesOf({ instances: 'instances: { ports: 1, slots: { blue: 2, green: 3 } }' })).toEqual([message]);
    expect(mistakesOf({ instances: 'instances: {}' })).toEqual([message]);
  });
});

describe('a strategy', () => {
  it('has the slots it needs', () => {
    expect(mistakesOf({ ...oneSlot, strategy: 'strategy: { type: blue-green }' })).toEqual([
      expect.stringMatching(/^fleet.yml:5:19 strategy.type: blue-green needs two slots → /),
    ]);
    expect(mistakesOf({ strategy: 'strategy: { type: swap }' })).toEqual([
      expect.stringMatching(/^fleet.yml:5:19 strategy.type: swap is for one slot, and there are two → /),
    ]);
  });

  it('has a server for each half of a swap', () => {
    expect(mistakesOf({ ...oneSlot, servers: 'servers: web-1' })).toEqual([
      expect.stringMatching(/^fleet.yml:2:10 servers: swap needs at least two servers/),
    ]);
  });

  it.each([
    ['50%', 4, true],
    ['2', 4, true],
    ['1/3', 3, true],
    ['51%', 4, false],
    ['50%', 3, false],
    ['3', 4, false],
  ])('that swaps can keep %s of %i servers: %s', (wanted, count, possible) => {
    const mistakes = mistakesOf({
      ...oneSlot,
      servers: `servers: web-[1-${count}]`,
      strategy: `strategy: { min-capacity: ${wanted} }`,
    });
    expect(mistakes).toEqual(possible ? [] : [expect.stringContaining('strategy.min-capacity: cannot be kept')]);
  });

  it('cannot keep more servers than there are', () => {
    expect(mistakesOf({ strategy: 'strategy: { min-capacity: 4 }' })).toEqual([]);
    expect(mistakesOf({ strategy: 'strategy: { min-capacity: 5 }' })).toEqual([
      'fleet.yml:5:27 strategy.min-capacity: asks for more than the 4 servers there are',
    ]);
  });
});

describe('a balancer', () => {
  const pointer = (text: string) => ({ balancers: `balancers: [{ pointer: { ${text} } }]` });

  it('has a name of its own', () => {
    expect(mistakesOf({ balancers: 'balancers: [{ via: lb }, { via: lb }]' })).toEqual([
      expect.stringMatching(/^fleet.yml:4:26 balancers\[1\]: there is another balancer called lb/),
    ]);
  });

  it('has all pools, and only those of the fleet', () => {
    expect(mistakesOf(pointer('pools: { blue: x, all: y }'))).toEqual([
      'fleet.yml:4:33 balancers[0].pointer.pools.green: is missing: a fleet with two slots needs the pools blue, green',
      'fleet.yml:4:44 balancers[0].pointer.pools.all: is not a pool of a fleet with two slots (blue, green)',
    ]);
    expect(mistakesOf({ ...oneSlot, ...pointer('pools: { all: x, a: y }') })).toEqual([
      'fleet.yml:4:33 balancers[0].pointer.pools.b: is missing: a fleet with one slot needs the pools all, a, b',
    ]);
  });

  it('has a backend for each of them', () => {
    expect(mistakesOf(pointer('pools: { blue: x, green: x }'))).toEqual([
      'fleet.yml:4:51 balancers[0].pointer.pools.green: x is used for something else already',
    ]);
    expect(mistakesOf(pointer('hold: x, pools: { blue: x, green: y }'))).toHaveLength(1);
  });

  it('moves traffic in one way', () => {
    expect(mistakesOf({ balancers: 'balancers: [{ backend: x, pointer: {} }]' })).toEqual([
      'fleet.yml:4:13 balancers[0]: must have either pointer or backend, and not both',
    ]);
  });
});

describe('checks', () => {
  it('look at what can be read, whatever cannot', () => {
    expect(mistakesOf({ servers: 'servers: [web-1, web-1]', budget: 'budget: soon' })).toEqual([
      'fleet.yml:2:18 servers[1]: there is another server called web-1',
      expect.stringMatching(/^fleet.yml:5:9 budget: must be a duration/),
    ]);
  });
});
