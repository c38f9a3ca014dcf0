import type { HaproxyConfig } from '../../../../src/balancers/haproxy/haproxy.ts';
import { makeBalancer } from '../../../../src/balancers/open.ts';
import type { Pool } from '../../../../src/fleet/nouns.ts';
import { fail } from '../../../../src/result.ts';
import { entrance, memberTemplate, serverLine } from './fleet.ts';
import { type HaproxySetup, startHaproxy } from './haproxy.ts';

const lines = (pool: Pool, words = '') => pool.instances.map((instance) => serverLine(instance, words));

/** A driver for this machine: nothing is reached by SSH. */
export const driverFor = (config: HaproxyConfig) =>
  makeBalancer(config, async () => fail({ what: 'no host to reach' }));

export const pointerControl = (map: string): HaproxyConfig['control'] => ({
  by: 'pointer',
  map,
  key: 'shop',
  pools: { blue: 'shop-blue', green: 'shop-green' },
  hold: 'hold',
  member: memberTemplate,
});

export const membershipControl: HaproxyConfig['control'] = {
  by: 'membership',
  backend: 'shop',
  member: memberTemplate,
};

interface Behind {
  readonly blue: Pool;
  readonly green: Pool;
  /** One of several balancers in one test file. */
  readonly index?: number;
  readonly edit?: HaproxySetup['edit'];
}

const bindOf = (index = 0) => {
  const { address, port } = entrance(index);
  return `${address}:${port}`;
};

/** HAProxy with examples/haproxy/pointer-blue-green.cfg, blue live. */
export async function pointerHaproxy({ blue, green, index, edit }: Behind) {
  const haproxy = await startHaproxy({
    config: 'pointer-blue-green.cfg',
    bind: bindOf(index),
    servers: { 'shop-blue': lines(blue), 'shop-green': lines(green) },
    pointer: '# which backend is live\nshop shop-blue\nother x\n',
    ...(edit ? { edit } : {}),
  });
  const name = `lb-${index ?? 0}`;
  const balancer = driverFor({ driver: 'haproxy', name, socket: haproxy.socket, control: pointerControl(haproxy.map) });
  return { haproxy, balancer };
}

/** HAProxy with examples/haproxy/membership.cfg, blue live. */
export async function membershipHaproxy({ blue, green, index, edit }: Behind) {
  const haproxy = await startHaproxy({
    config: 'membership.cfg',
    bind: bindOf(index),
    servers: { shop: [...lines(blue), ...lines(green, 'disabled')] },
    ...(edit ? { edit } : {}),
  });
  const name = `lb-${index ?? 0}`;
  const balancer = driverFor({ driver: 'haproxy', name, socket: haproxy.socket, control: membershipControl });
  return { haproxy, balancer };
}
