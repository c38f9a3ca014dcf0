import type { Command, Server } from '../../../src/servers/port.ts';
import { bareMachine, type Programs } from '../../support/bare-machine.ts';
import { localServer } from '../../support/local-server.ts';

/**
 * This machine as a server that has nothing in its PATH but these programs. Commands run in BusyBox's own shell, which prefers
 * files in PATH to its applets here (Debian builds it so).
 */
export async function serverWith(programs: Programs): Promise<AsyncDisposable & { readonly server: Server }> {
  const machine = await bareMachine(programs);
  const local = localServer();
  const inside = (command: Command): Command => ({
    ...command,
    script: 'bin=$1 script=$2; shift 2; PATH=$bin; export PATH; exec sh -c "$script" fleetflip "$@"',
    args: [machine.bin, command.script, ...(command.args ?? [])],
  });
  return {
    server: {
      ...local,
      run: (command) => local.run(inside(command)),
      stream: (command) => local.stream(inside(command)),
    },
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}
