import type { BalancerConfig } from '../config.ts';
import { defaultMap } from '../file/balancers.ts';
import type { FleetFile } from '../file/fleet-file.ts';
import { resolveVia } from './hosts.ts';
import { poolNames } from './slots.ts';

type Written = FleetFile['balancers'][number];
type Haproxy = Extract<Written, { socket: string }>;

/** What a balancer is called: as written, else after its host, else after its place in the list. */
export const balancerName = (written: Written, index: number): string =>
  written.name ?? written.via?.name ?? written.via?.address ?? `${written.driver ?? 'haproxy'}-${index + 1}`;

export const resolveBalancers = (file: FleetFile): BalancerConfig[] =>
  file.balancers.map((written, index) => {
    const common = {
      name: balancerName(written, index),
      ...(written.via === undefined ? {} : { via: resolveVia(written.via, file.ssh) }),
    };
    if (written.driver !== 'http')
      return { ...common, driver: 'haproxy', socket: written.socket, control: control(written, file) };
    const { token, url } = written;
    return { ...common, driver: 'http', url, ...(token === undefined ? {} : { token }) };
  });

function control(written: Haproxy, file: FleetFile): Extract<BalancerConfig, { driver: 'haproxy' }>['control'] {
  const { member, backend } = written;
  if (backend !== undefined) return { by: 'membership', backend, member };
  const { map, key = file.app, pools = {}, hold } = written.pointer ?? { map: defaultMap };
  const names = poolNames(file.instances).map((pool) => [pool, pools[pool] ?? `${file.app}-${pool}`]);
  return { by: 'pointer', map, key, pools: Object.fromEntries(names), member, ...(hold === undefined ? {} : { hold }) };
}
