import { spawn } from 'node:child_process';
import { chmod, copyFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fail, ok } from '../../src/result.ts';
import { commandLine } from '../../src/servers/command.ts';
import type { Command, Server } from '../../src/servers/port.ts';

/** This machine behind the Server port, so that what stands on the port can be tested without a network. */
export function localServer(name = 'local'): Server {
  const start = (command: Command) => spawn('sh', ['-c', commandLine(command)], { stdio: 'pipe' });
  return {
    name,
    address: '127.0.0.1',
    async run(command) {
      const child = start(command);
      const timer = setTimeout(() => child.kill('SIGKILL'), command.deadlineMs ?? 60_000);
      child.stdin.on('error', () => {});
      if (command.input instanceof Readable) command.input.pipe(child.stdin);
      else child.stdin.end(command.input);
      const code = new Promise<number | null>((resolve) => child.on('close', resolve));
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const exit = await code;
      clearTimeout(timer);
      return ok({ code: exit ?? undefined, stdout, stderr });
    },
    async stream(command) {
      const child = start(command);
      const stderr = text(child.stderr);
      const io = Duplex.from({ readable: child.stdout, writable: child.stdin });
      const completed = new Promise<number | null>((resolve) => child.on('close', resolve)).then(async (code) =>
        ok({ code: code ?? undefined, stdout: '', stderr: await stderr }),
      );
      return ok({ io, completed });
    },
    forward: (target) =>
      new Promise((resolve) => {
        const where =
          'path' in target ? { path: target.path } : { port: target.port, host: target.host ?? '127.0.0.1' };
        const socket = connect(where, () => resolve(ok(socket)));
        socket.once('error', (error) => resolve(fail({ what: error.message, where: name })));
      }),
    forwardsPorts: () => true,
    async upload(files, onBytes) {
      try {
        for (const { from, to, mode } of files) {
          await copyFile(from, to);
          await chmod(to, mode);
          onBytes?.((await stat(from)).size);
        }
        return ok(undefined);
      } catch (error) {
        return fail({ what: String(error), where: name });
      }
    },
    close: async () => {},
  };
}
