import { type Failure, fail, ok, type Result } from '../../result.ts';
import type { ForwardTarget } from '../../servers/port.ts';
import type { Access } from '../access.ts';
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

async function withinDeadline<T>(work: Promise<Result<T>>, late: Failure): Promise<Result<T>> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Result<T>>((resolve) => {
    timer = setTimeout(() => resolve(fail(late)), answerWithinMs);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

export function makeRuntime(name: string, socket: string, access: Access): Runtime {
  let line: Line | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const failure = (what: string, detail?: string): Failure => ({
    what: `${what} (HAProxy's Runtime API at ${socket})`,
    where: name,
    ...(detail === undefined ? {} : { detail }),
  });
  const silent = () => failure(`no answer within ${answerWithinMs / 1000} s`);

  async function connect(): Promise<Result<Line>> {
    const late = failure(`no connection within ${answerWithinMs / 1000} s`);
    const stream = await withinDeadline(access.forward(socketTarget(socket)), late);
    if (!stream.ok) return fail(failure(stream.failure.what, stream.failure.detail));
    const opened = makeLine(stream.value);
    const greeted = await opened.exchange(greeting, answerWithinMs);
    if ('replies' in greeted) return ok(opened);
    opened.close();
    return fail(greeted.lost === 'silent' ? silent() : failure('the connection was closed before the first answer'));
  }

  /** `show info` rides along: a session outlives a reload, and then talks to the old process, whose changes nobody sees. */
  async function attempt(commands: readonly string[]): Promise<Result<readonly string[] | undefined>> {
    if (line === undefined || line.closed) {
      const connected = await connect();
      if (!connected.ok) return connected;
      line = connected.value;
    }
    const exchange = await line.exchange([...commands, 'show info'], answerWithinMs);
    if ('lost' in exchange) return exchange.lost === 'silent' ? fail(silent()) : ok(undefined);
    if (!isStopping(exchange.replies.at(-1) ?? '')) return ok(exchange.replies.slice(0, -1));
    line.close();
    return ok(undefined);
  }

  async function askTwice(commands: readonly string[]): Promise<Result<readonly string[]>> {
    const first = await attempt(commands);
    const last = first.ok && first.value === undefined ? await attempt(commands) : first;
    if (!last.ok) return last;
    return last.value ? ok(last.value) : fail(failure('the connection was lost twice'));
  }

  return {
    ask(commands) {
      const answer = queue.then(() => askTwice(commands));
      queue = answer;
      return answer;
    },
    close() {
      line?.close();
    },
  };
}
