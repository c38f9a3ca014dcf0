import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fail, ok, type Result } from '../result.ts';
import { commandLine } from '../servers/command.ts';
import type { ForwardTarget, Server } from '../servers/port.ts';

/** The machine a balancer is controlled from: a host behind SSH, or the runner itself. */
export type Access = Pick<Server, 'run' | 'forward'>;

/** The runner, for balancers that are reached without SSH. */
export const runnerAccess: Access = {
  async run({ deadlineMs = 60_000, ...command }) {
    const child = spawn('sh', ['-c', commandLine(command)], {
      stdio: 'pipe',
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
    });
    const ended = new Promise<number | undefined>((resolve) => {
      child.on('error', () => resolve(undefined));
      child.on('close', (code) => resolve(code ?? undefined));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(typeof command.input === 'string' ? command.input : undefined);
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return ok({ code: await ended, stdout, stderr });
  },
  forward: (target) =>
    new Promise((resolve) => {
      const where = 'path' in target ? target.path : `${target.host ?? '127.0.0.1'}:${target.port}`;
      const socket = connect('path' in target ? target : { ...target, host: target.host ?? '127.0.0.1' });
      socket.once('connect', () => resolve(ok(socket)));
      socket.once('error', (error) => resolve(fail({ what: `cannot connect to ${where}`, detail: error.message })));
    }),
};

/** A connection to the balancer, within the deadline or not at all: one that comes later is closed again. */
export function dial(access: Access, target: ForwardTarget, withinMs: number): Promise<Result<Duplex>> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(fail({ what: `no connection within ${withinMs / 1000} s` }));
    }, withinMs);
    access.forward(target).then((stream) => {
      clearTimeout(timer);
      if (late && stream.ok) stream.value.on('error', () => {}).destroy();
      resolve(stream);
    }, reject);
  });
}
