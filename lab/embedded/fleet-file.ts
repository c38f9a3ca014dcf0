import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type FleetFacts, instancesEntry } from '../fleet-file.ts';
import { slotsOf } from '../slots.ts';

/** Writes the fleet file of an embedded lab: processes through commands, the balancer through its HTTP interface. */
export const writeEmbeddedFleetFile = (file: string, facts: FleetFacts): Promise<void> =>
  writeFile(file, stringify(fleet(facts), { lineWidth: 0 }));

function fleet({ options, user, servers, balancers, cdn }: FleetFacts): object {
  const ports = slotsOf(options).map((slot) => `${slot.name}) set -- ${slot.ports.join(' ')};;`);
  // Commands run in the server's folder.
  const manage = (command: string): string =>
    `case $SLOT in ${ports.join(' ')} esac; node '${join(import.meta.dirname, 'manager.ts')}' ${command} "$PWD" ${process.pid} "$SLOT" "$@"`;
  return {
    app: 'shop',
    servers: servers.map(({ name, address, sshPort }) => ({ name, address, port: sshPort })),
    instances: instancesEntry(options, servers),
    ssh: { user },
    release: { path: join(servers[0]?.folder ?? '', '../{server}/shop'), keep: 3 },
    process: { manager: 'command', restart: manage('restart'), stop: manage('stop'), status: manage('status') },
    health: { path: '/healthz', 'release-header': 'X-Release', deadline: '30s' },
    balancers: balancers.map(({ name, control }) => ({ driver: 'http', name, url: control })),
    witness: { url: `${balancers[0]?.url}/healthz`, rate: '50/s' },
    strategy: { type: options.strategy },
    budget: '5s',
    ...(cdn && { cdn }),
  };
}
