import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessConfig } from '../../../src/inputs/config.ts';
import type { ManagedPlace } from './fleet.ts';

/** A real supervisord for the instances, which do not run before there is a release. */
export async function bySupervisord(place: ManagedPlace, defer: AsyncDisposableStack): Promise<ProcessConfig> {
  const { folder } = place;
  const config = `${folder}/supervisord.conf`;
  const socket = `${folder}/supervisor.sock`;
  await writeFile(config, configuration(place));
  const child = spawn('/usr/bin/supervisord', ['-n', '-c', config], { stdio: 'ignore' });
  defer.defer(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill()) await ended;
  });
  const deadline = Date.now() + 20_000;
  while (!existsSync(socket)) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(
        `supervisord did not start:\n${await readFile(`${folder}/supervisord.log`, 'utf8').catch(String)}`,
      );
    await delay(20);
  }
  return { manager: 'supervisord', program: 'shop', socket, config };
}

const configuration = ({ folder, base, ports }: ManagedPlace): string => `[unix_http_server]
file=${folder}/supervisor.sock
[supervisord]
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/supervisor.sock
[group:shop]
programs=${ports.join(',')}
${ports.map((port) => program(base, port)).join('')}`;

const program = (base: string, port: number): string => `[program:${port}]
command=${base}/current/bin/serve ${port} 127.0.0.1
autostart=false
startsecs=0
redirect_stderr=true
stdout_logfile=NONE
`;
