import { type Failure, fail, ok, type Result } from '../../result.ts';
import type { ForwardTarget } from '../../servers/port.ts';
import { type Access, dial } from '../access.ts';
import { type Line, makeLine } from './line.ts';
import { isStopping } from './replies.ts';

/** HAProxy's Runtime API (management guide, section 9.3), over one session that stays open. */
export interface Runtime {
  /**
   * The replies to the commands, in order. The commands must be idempotent: when the connection is lost, or belonged to a
   * process that a reload has replaced, they are sent once more on a new connection.
   */
  ask(commands: readonly string[]): Promise<Result<readonly string[]>>;
  close(): void;
}

/** An answer is a matter of milliseconds; a batch of 512 under load takes 0.2 s. */
const answerWithinMs = 3_000;

/** `prompt` keeps the session open; without a longer timeout HAProxy ends an idle one after `stats timeout` (10 s). */
const greeting = ['prompt', 'set severity-output number', 'set timeout cli 1h'];

/** `/path` or `host:port`, as in the fleet file. */
export function socketTarget(socket: string): ForwardTarget {
  const colon = socket.lastIndexOf(':');
  if (socket.startsWith('/') || colon < 0) return { path: socket };
  return { host: socket.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(socket.slice(colon + 1)) };
}

interface Peer {
  readonly name: string;
  readonly socket: string;
  readonly access: Access;
}

const failureAt = ({ name, socket }: Peer, what: string, detail?: string): Failure => ({
  what: `${what} (HAProxy's Runtime API at ${socket})`,
  where: name,
  ...(detail === undefined ? {} : { detail }),
});

const silentAt = (peer: Peer): Failure => failureAt(peer, `no answer within ${answerWithinMs / 1000} s`);

async function openLine(peer: Peer): Promise<Result<Line>> {
  const stream = await dial(peer.access, socketTarget(peer.socket), answerWithinMs);
  if (!stream.ok) return fail(failureAt(peer, stream.failure.what, stream.failure.detail));
  const line = makeLine(stream.value);
  const greeted = await line.exchange(greeting, answerWithinMs);
  if ('replies' in greeted) return ok(line);
  return fail(
    greeted.lost === 'silent' ? silentAt(peer) : failureAt(peer, 'the connection was closed before the first answer'),
  );
}

export function makeRuntime(name: string, socket: string, access: Access): Runtime {
  const peer = { name, socket, access };
  let line: Line | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  /** `show info` rides along: a session outlives a reload, and then talks to the old process, whose changes nobody sees. */
  async function attempt(commands: readonly string[]): Promise<Result<readonly string[] | undefined>> {
    if (line === undefined || line.closed) {
      const opened = await openLine(peer);
      if (!opened.ok) return opened;
      line = opened.value;
    }
    const exchange = await line.exchange([...commands, 'show info'], answerWithinMs);
    if ('lost' in exchange) return exchange.lost === 'silent' ? fail(silentAt(peer)) : ok(undefined);
    if (!isStopping(exchange.replies.at(-1) ?? '')) return ok(exchange.replies.slice(0, -1));
    line.close();
    return ok(undefined);
  }

  async function askTwice(commands: readonly string[]): Promise<Result<readonly string[]>> {
    const first = await attempt(commands);
    const last = first.ok && first.value === undefined ? await attempt(commands) : first;
    if (!last.ok) return last;
    return last.value ? ok(last.value) : fail(failureAt(peer, 'the connection was lost twice'));
  }

  return {
    ask(commands) {
      const answer = queue.then(() => askTwice(commands));
      queue = answer;
      return answer;
    },
    close: () => line?.close(),
  };
}
