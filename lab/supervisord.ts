import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, until } from './daemons.ts';
import type { Place } from './network.ts';
import type { Registration } from './registry.ts';
import type { LabSlot } from './slots.ts';
import { acceptsAt } from './unix-socket.ts';

export const supervisorGroup = (slot: string): string => `shop-${slot}`;

/** Starts a process manager with one group per slot. Nothing runs yet: there is no release. */
export async function startSupervisord(lab: Registration, place: Place, home: { folder: string; slots: LabSlot[] }) {
  const configuration = join(home.folder, 'supervisord.conf');
  await writeFile(configuration, supervisordConfiguration(place, home));
  const argv = [...place.enter, '/usr/bin/supervisord', '--nodaemon', '--configuration', configuration];
  const daemon = startDaemon(lab, argv, join(home.folder, 'supervisord.log'));
  await until(`supervisord of ${place.name}`, daemon, () => acceptsAt(join(home.folder, 'supervisor.sock')));
}

/**
 * As an operator would write it, startsecs and stopwaitsecs left at their defaults. `minfds` is what the pipes of all processes
 * need: supervisord's children close every number below it, one system call each, before they become the application.
 */
function supervisordConfiguration(place: Place, { folder, slots }: { folder: string; slots: LabSlot[] }): string {
  const processes = slots.reduce((sum, slot) => sum + slot.ports.length, 0);
  return `\
[unix_http_server]
file=${folder}/supervisor.sock
chmod=0700

[supervisord]
logfile=/dev/null
logfile_maxbytes=0
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
minfds=${128 + processes * 4}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://${folder}/supervisor.sock
${slots.map((slot) => program(slot, folder, place)).join('')}`;
}

const program = ({ name, ports }: LabSlot, folder: string, { listen }: Place): string => `
[program:${supervisorGroup(name)}]
command=${folder}/shop/${name}/bin/serve %(process_num)d ${listen}
directory=${folder}
process_name=%(process_num)d
numprocs=${ports.length}
numprocs_start=${ports[0]}
autostart=false
redirect_stderr=true
stdout_logfile=NONE
`;
