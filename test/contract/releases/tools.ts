import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command, Server } from '../../../src/servers/port.ts';
import { localServer } from '../../support/local-server.ts';

const execute = promisify(execFile);

export interface Tools {
  /** BusyBox's applets under their names. */
  readonly busybox: 'all' | { readonly without: readonly string[] };
  /** Other programs of this machine. */
  readonly tools?: readonly string[];
}

/**
 * This machine as a server that has nothing in its PATH but BusyBox and the named tools. Commands run in BusyBox's own shell, which
 * prefers files in PATH to its applets here (Debian builds it so).
 */
export async function serverWith({
  busybox,
  tools = [],
}: Tools): Promise<AsyncDisposable & { readonly server: Server }> {
  const bin = await mkdtemp(join(tmpdir(), 'fleetflip-bin-'));
  const { stdout: program } = await execute('sh', ['-c', 'command -v busybox']);
  await execute(program.trim(), ['--install', '-s', bin]);
  await symlink(program.trim(), join(bin, 'busybox')).catch(() => {});
  const without = busybox === 'all' ? [] : busybox.without;
  for (const name of await readdir(bin)) if (without.includes(name)) await unlink(join(bin, name));
  for (const tool of tools) {
    const { stdout } = await execute('sh', ['-c', 'PATH=/usr/bin:/bin command -v "$1"', 'sh', tool]);
    await symlink(stdout.trim(), join(bin, tool));
  }
  const local = localServer();
  const inside = (command: Command): Command => ({
    ...command,
    script: 'bin=$1 script=$2; shift 2; PATH=$bin; export PATH; exec sh -c "$script" fleetflip "$@"',
    args: [bin, command.script, ...(command.args ?? [])],
  });
  return {
    server: {
      ...local,
      run: (command) => local.run(inside(command)),
      stream: (command) => local.stream(inside(command)),
    },
    [Symbol.asyncDispose]: () => rm(bin, { recursive: true, force: true }),
  };
}
