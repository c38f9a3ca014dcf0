import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, until } from './daemons.ts';
import type { Place } from './network.ts';
import type { LabOptions } from './options.ts';
import type { Registration } from './registry.ts';
import { machinesOf, slotsOf } from './slots.ts';
import { acceptsAt } from './unix-socket.ts';

export interface HaproxyHome {
  readonly folder: string;
  readonly servers: readonly Place[];
  readonly options: LabOptions;
}

interface Backend {
  readonly name: string;
  readonly servers: readonly Place[];
  readonly ports: readonly number[];
  /** Backend whose health checks this one shares. */
  readonly tracks?: string;
}

export const frontendPort = 8080;

/** Starts HAProxy at a place, configured like examples/haproxy. Users reach it at port 8080. */
export async function startHaproxy(lab: Registration, place: Place, home: HaproxyHome): Promise<void> {
  const file = (name: string) => join(home.folder, name);
  const hold = await readFile(join(import.meta.dirname, '../examples/haproxy/hold.lua'), 'utf8');
  await writeFile(file('hold.lua'), hold.replace('/etc/haproxy/live.map', file('live.map')));
  await writeFile(file('haproxy.cfg'), haproxyConfiguration(place, home));
  const [first] = backendsOf(home);
  await writeFile(file('live.map'), `shop ${first?.name}\n`);
  const argv = [...place.enter, '/usr/sbin/haproxy', '-db', '-f', file('haproxy.cfg')];
  const daemon = startDaemon(lab, argv, file('haproxy.log'));
  await until(`HAProxy of ${place.name}`, daemon, () => acceptsAt(file('admin.sock')));
}

/** Pool → backend, for the fleet file. */
export const poolBackends = ({ strategy }: Pick<LabOptions, 'strategy'>): Readonly<Record<string, string>> =>
  strategy === 'blue-green'
    ? { blue: 'shop-blue', green: 'shop-green' }
    : { all: 'shop-all', a: 'shop-a', b: 'shop-b' };

/** With one slot, the first half of the servers is `a`, as the planner cuts it. */
function backendsOf({ servers, options }: Pick<HaproxyHome, 'servers' | 'options'>): Backend[] {
  const slots = slotsOf(options);
  if (options.by === 'membership') return [{ name: 'shop', servers, ports: slots.flatMap((slot) => slot.ports) }];
  if (slots.length > 1)
    return slots.map((slot) => ({
      name: `shop-${slot.name}`,
      servers: machinesOf(slot, servers, options),
      ports: slot.ports,
    }));
  const ports = slots.flatMap((slot) => slot.ports);
  const half = Math.floor(servers.length / 2);
  return [
    { name: 'shop-all', servers, ports },
    { name: 'shop-a', servers: servers.slice(0, half), ports, tracks: 'shop-all' },
    { name: 'shop-b', servers: servers.slice(half), ports, tracks: 'shop-all' },
  ];
}

function haproxyConfiguration(place: Place, home: HaproxyHome): string {
  const { folder, options } = home;
  const map = `${folder}/live.map`;
  const byPointer = options.by === 'pointer';
  return `\
global
  stats socket ${folder}/admin.sock mode 600 level admin
  maxconn 4000
${byPointer ? `  lua-load ${folder}/hold.lua\n` : ''}
defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  option idle-close-on-response

frontend shop-in
  bind ${place.address}:${frontendPort}
${byPointer ? pointerRouting(map) : '  default_backend shop\n'}
${backendsOf(home)
  .map((backend) => backendText(backend, options))
  .join('\n')}`;
}

const pointerRouting = (map: string): string => `\
  http-request lua.hold shop if { str(shop),map(${map}) -m str hold }
  use_backend %[str(shop),map(${map})]
  default_backend shop-closed

backend shop-closed
  http-request return status 503
`;

function backendText({ name, servers, ports, tracks }: Backend, options: LabOptions): string {
  const members = servers.flatMap((server) =>
    ports.map((port) => ({ server, port, member: `${server.name}-${port}` })),
  );
  const idle = new Set(
    options.by === 'membership'
      ? slotsOf(options)
          .slice(1)
          .flatMap((slot) => slot.ports)
      : [],
  );
  const line = ({ server, port, member }: (typeof members)[number]): string =>
    [
      `  server ${member} ${server.address}:${port}`,
      ...(tracks ? [`track ${tracks}/${member}`] : []),
      ...(idle.has(port) ? ['disabled'] : []),
    ].join(' ');
  return [
    `backend ${name}`,
    ...(tracks ? [] : checks),
    ...(options.by === 'membership' ? holdServer : []),
    ...members.map(line),
    '',
  ].join('\n');
}

const checks = ['  option httpchk GET /healthz', '  default-server check inter 1s'];

const holdServer = [
  '  option redispatch 1',
  '  retries 50',
  '  timeout connect 100ms',
  '  server hold 127.0.0.1:1 backup no-check',
];
