import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { poolBackends } from './haproxy.ts';
import type { LabBalancer, LabHost, LabOptions } from './options.ts';
import { type LabSlot, machinesOf, slotsOf } from './slots.ts';
import { supervisorGroup } from './supervisord.ts';

export interface FleetFacts {
  readonly dir: string;
  readonly options: LabOptions;
  readonly user: string;
  readonly servers: readonly LabHost[];
  readonly balancers: readonly LabBalancer[];
  /** The `cdn` section, where there is one. */
  readonly cdn?: object | undefined;
}

/** Writes what a user of this fleet would have in `.github/fleetflip.yml`. */
export const writeFleetFile = (file: string, facts: FleetFacts): Promise<void> =>
  writeFile(file, stringify(fleet(facts), { lineWidth: 0 }));

function fleet({ dir, options, user, servers, balancers, cdn }: FleetFacts): object {
  const home = `${dir}/hosts/{server}`;
  return {
    app: 'shop',
    servers: servers.map(({ name, address }) => ({ name, address })),
    instances: instancesEntry(options, servers),
    ssh: { user, port: servers[0]?.sshPort },
    release: { path: `${home}/shop`, keep: 3 },
    process: {
      manager: 'supervisord',
      program: supervisorGroup('{slot}'),
      socket: `${home}/supervisor.sock`,
      config: `${home}/supervisord.conf`,
    },
    health: { path: '/healthz', 'release-header': 'X-Release', deadline: '15s' },
    balancers: balancers.map((balancer) => balancerEntry(balancer, options)),
    witness: { url: `${balancers[0]?.url}/healthz`, rate: '50/s' },
    strategy: { type: options.strategy },
    budget: '5s',
    ...(cdn && { cdn }),
  };
}

export function instancesEntry(options: LabOptions, servers: readonly LabHost[]): object {
  const [first, ...others] = slotsOf(options);
  if (others.length === 0) return { ports: first?.range };
  const entry = (slot: LabSlot) =>
    options.apart
      ? { servers: machinesOf(slot, servers, options).map(({ name }) => name), ports: slot.range }
      : slot.range;
  return { slots: Object.fromEntries(slotsOf(options).map((slot) => [slot.name, entry(slot)])) };
}

function balancerEntry(balancer: LabBalancer, options: LabOptions): object {
  const control =
    options.by === 'pointer'
      ? { pointer: { map: balancer.map, key: 'shop', pools: poolBackends(options), hold: 'hold' } }
      : { backend: 'shop' };
  return {
    driver: 'haproxy',
    name: balancer.name,
    socket: balancer.control,
    via: balancer.address,
    ...control,
    member: '{server}-{port}',
  };
}
