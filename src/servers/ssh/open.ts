import { setTimeout as delay } from 'node:timers/promises';
import type { SshTarget } from '../../inputs/config.ts';
import { type Failure, fail, ok, type Result } from '../../result.ts';
import { bastionsBy, type Reach, reachThrough } from './bastions.ts';
import { channelStream } from './channel.ts';
import { type Connected, type Connection, connect, type SshCredentials } from './connection.ts';
import { openDirect } from './forward.ts';
import { limitOf } from './limit.ts';
import { type SshServer, sshServer } from './server.ts';

/** How connecting goes about an unwilling network. */
export interface Patience {
  /** Milliseconds for one attempt. */
  readonly deadlineMs: number;
  readonly attempts: number;
  /** Middle of the pause before the second attempt; it doubles with each further one. */
  readonly pauseMs: number;
}

const usualPatience: Patience = { deadlineMs: 15_000, attempts: 3, pauseMs: 1_000 };

/** More would only make the handshakes wait for each other's CPU (some 6 ms each), and look like an attack to firewalls. */
const handshakesAtOnce = 30;

type Log = (line: string) => void;

/** Opens the one connection to a server that lasts for the whole run. */
export async function openServer(
  target: SshTarget,
  credentials: SshCredentials,
  options?: Opening,
): Promise<Result<SshServer>> {
  const [server] = await openEach([target], credentials, options);
  return server ?? fail({ what: 'the server was not opened', where: target.name });
}

/** Opens all servers at once; what became of each is under its name. */
export async function openServers(
  targets: readonly SshTarget[],
  credentials: SshCredentials,
  options?: Opening,
): Promise<ReadonlyMap<string, Result<SshServer>>> {
  const opened = await openEach(targets, credentials, options);
  return new Map(opened.map((server, index) => [targets[index]?.name ?? '', server]));
}

interface Opening {
  readonly log?: Log;
  readonly patience?: Patience;
}

/**
 * Opens all servers at once, and each jump host once; the results are in the order of the targets. Only network trouble that
 * may pass is tried again, never a refusal. Who gets servers closes them; jump hosts close with the last one behind them.
 */
export function openEach(
  targets: readonly SshTarget[],
  credentials: SshCredentials,
  { log = () => {}, patience = usualPatience }: Opening = {},
): Promise<readonly Result<SshServer>[]> {
  const handshakes = limitOf(handshakesAtOnce);
  const reach: Reach = (target, previous) =>
    insist(target, { patience, log }, async () => {
      const leave = await handshakes.enter();
      return connectBehind({ target, credentials, deadlineMs: patience.deadlineMs }, previous).finally(leave);
    });
  const bastion = bastionsBy(reach);
  const open = async (target: SshTarget): Promise<Result<SshServer>> => {
    const previous = bastion(target.jump);
    const reached = await reachThrough(reach, target, previous);
    if (!reached.ok) {
      await previous?.leave();
      return reached;
    }
    reached.value.lost.addEventListener('abort', () => void previous?.leave(), { once: true });
    return ok(sshServer(reached.value));
  };
  return Promise.all(targets.map(open));
}

async function connectBehind(
  options: { readonly target: SshTarget; readonly credentials: SshCredentials; readonly deadlineMs: number },
  previous: Connection | undefined,
): Promise<Connected> {
  if (previous === undefined) return connect(options);
  const { address, port, name } = options.target;
  const opened = await openDirect(previous, { host: address, port });
  if (opened.ok)
    return connect({ ...options, through: channelStream(opened.channel, { lost: previous.lost, halfOpen: false }) });
  const bastion = previous.target.name;
  const failure: Failure =
    opened.refusal === 'prohibited'
      ? {
          what: `${bastion} does not forward connections to ${address}:${port}`,
          where: bastion,
          advice: 'set AllowTcpForwarding to "local" there',
        }
      : { what: `${bastion} cannot reach ${address}:${port}`, where: name, detail: opened.detail };
  return { ok: false, failure, again: false };
}

/** Tries again after pauses of random length, so that a whole fleet does not come back in step. */
async function insist(
  target: SshTarget,
  { patience, log }: { readonly patience: Patience; readonly log: Log },
  attempt: () => Promise<Connected>,
): Promise<Result<Connection>> {
  for (let number = 1; ; number += 1) {
    const connected = await attempt();
    if (connected.ok) return connected;
    const { failure, again } = connected;
    if (!again || number >= patience.attempts)
      return fail(number === 1 ? failure : { ...failure, what: `${failure.what} (${number} attempts)` });
    log(`${target.name}: ${failure.what}; trying again`);
    await delay(patience.pauseMs * 2 ** (number - 1) * (0.5 + Math.random()));
  }
}
