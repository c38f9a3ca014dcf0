import type { Duplex } from 'node:stream';
import { fail, ok, type Result } from '../../result.ts';
import type { ForwardTarget } from '../port.ts';
import { type BridgeTool, bridgeTools, findTools } from './bridge-tools.ts';
import { type Place, runCommand, startCommand } from './command.ts';
import { notReached } from './not-reached.ts';

/** Connects through a helper command on the server that passes its standard input and output on. */
export type Bridge = (target: ForwardTarget) => Promise<Result<Duplex>>;

const deadlineMs = 30_000;

/** The way round a server that forwards nothing. Looks once for what it has. Each connection takes one session. */
export function bridgeOf(place: Place): Bridge {
  let found: Promise<Result<readonly BridgeTool[]>> | undefined;
  return async (target) => {
    found ??= toolsOf(place);
    const tools = await found;
    if (!tools.ok) {
      found = undefined;
      return tools;
    }
    const kind = 'path' in target ? 'path' : 'port';
    for (const tool of tools.value) {
      const script = tool[kind];
      if (script !== undefined) return cross(place, { target, script, announces: tool.announces });
    }
    const wanted = bridgeTools.filter((tool) => tool[kind] !== undefined).map(({ name }) => name);
    return fail({
      what: `the server does not forward SSH connections to ${kind === 'path' ? 'unix sockets' : 'ports'}, and has no command to do it with`,
      where: place.connection.target.name,
      advice: `set ${kind === 'path' ? 'AllowStreamLocalForwarding' : 'AllowTcpForwarding'} to "local" in sshd_config, or install one of: ${wanted.join(', ')}`,
    });
  };
}

async function toolsOf(place: Place): Promise<Result<readonly BridgeTool[]>> {
  const found = await runCommand(place, { script: findTools, deadlineMs });
  if (!found.ok) return found;
  const names = found.value.stdout.split('\n');
  return ok(bridgeTools.filter(({ name }) => names.includes(name)));
}

interface Crossing {
  readonly target: ForwardTarget;
  readonly script: string;
  readonly announces: boolean;
}

async function cross(place: Place, { target, script, announces }: Crossing): Promise<Result<Duplex>> {
  const args = 'path' in target ? [target.path] : [target.host ?? '127.0.0.1', String(target.port)];
  const opening = new AbortController();
  const timer = setTimeout(() => opening.abort(), deadlineMs);
  const started = await startCommand(place, { script, args }, opening.signal);
  if (started.ok && announces) await Promise.race([started.value.stderr.spoke, started.value.exit]);
  clearTimeout(timer);
  if (!started.ok) return started;
  const { io, stderr } = started.value;
  // As a socket would: when the other side has ended, so do we.
  io.allowHalfOpen = false;
  if (!announces || stderr.text().startsWith('connected')) return ok(io);
  io.destroy();
  return fail(notReached(place.connection, target, stderr.text().trim() || 'no answer'));
}
