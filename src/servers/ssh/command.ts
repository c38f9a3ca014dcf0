import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientChannel } from 'ssh2';
import { z } from 'zod';
import { type Failure, fail, ok, type Result } from '../../result.ts';
import { commandLine } from '../command.ts';
import type { Command, Completed, RemoteProcess } from '../port.ts';
import { channelStream } from './channel.ts';
import type { Connection } from './connection.ts';
import { wired } from './login-shell.ts';
import type { Open } from './opening.ts';
import { type Collected, collect } from './output.ts';
import type { Sessions } from './sessions.ts';

/** ssh2 keeps how far a channel has been closed on the wire here, untyped. */
const wireState = z.object({ state: z.string() });

/** Where commands run. */
export interface Place {
  readonly connection: Connection;
  readonly sessions: Sessions;
}

/** Runs a command to its end and keeps what it printed. */
export async function runCommand(place: Place, command: Command): Promise<Result<Completed>> {
  const deadlineMs = command.deadlineMs ?? 60_000;
  const deadline = AbortSignal.timeout(deadlineMs);
  const started = await startCommand(place, command, deadline);
  if (!started.ok) return started;
  const { io, stderr, exit } = started.value;
  const stdout = collect(io);
  const fed = feed(io, command.input, exit);
  const code = await exit;
  const unfed = await fed;
  if (deadline.aborted) return fail(tooLate(place, { deadlineMs, output: stdout.text() + stderr.text() }));
  if (!code.ok) return code;
  if (unfed !== undefined)
    return fail({
      what: 'the input of a command broke off',
      where: place.connection.target.name,
      detail: unfed.message,
    });
  await stdout.ended;
  return ok({ code: code.value, stdout: stdout.text(), stderr: stderr.text() });
}

/** Starts a command and leaves its input and output to the caller. There is a deadline only where one is given. */
export async function streamCommand(place: Place, command: Command): Promise<Result<RemoteProcess>> {
  const { deadlineMs } = command;
  const deadline = deadlineMs === undefined ? new AbortController().signal : AbortSignal.timeout(deadlineMs);
  const started = await startCommand(place, command, deadline);
  if (!started.ok) return started;
  const { io, stderr, exit } = started.value;
  if (command.input !== undefined) void feed(io, command.input, exit);
  const completed = exit.then((code): Result<Completed> => {
    if (deadline.aborted) return fail(tooLate(place, { deadlineMs: deadlineMs ?? 0, output: stderr.text() }));
    return code.ok ? ok({ code: code.value, stdout: '', stderr: stderr.text() }) : code;
  });
  return ok({ io, completed });
}

export interface Started {
  readonly io: Duplex;
  readonly stderr: Collected;
  /** Exit code, missing where a signal ended the command; a failure where the connection was lost first. */
  readonly exit: Promise<Result<number | undefined>>;
}

/** Starts a command under the server's `sh`, whatever the user's login shell is. */
export async function startCommand(
  { connection, sessions }: Place,
  command: Command,
  deadline: AbortSignal,
): Promise<Result<Started>> {
  const line = commandLine(command);
  if (line.includes('\0'))
    return fail({ what: 'a command may not hold a NUL character', where: connection.target.name });
  const wire = wired(line, connection.software);
  let code: number | null = null;
  const execute: Open<ClientChannel> = (client, done) =>
    client.exec(wire.line, (error, channel) => {
      // A quick command has its exit status in the same packet as the answer to the request: whoever listens later misses it.
      channel?.once('exit', (status: number | null) => {
        code = status;
      });
      done(error, channel);
    });
  const opened = await sessions.open(execute, deadline);
  if (!opened.ok) return opened;
  const channel = opened.value;
  const { lost } = connection;
  const io = channelStream(channel, { lost, halfOpen: true });
  if (wire.preamble !== '') io.write(wire.preamble);
  const stderr = collect(channel.stderr);
  const ended = new Promise<void>((resolve) => {
    const giveUp = () => {
      kill(channel, io);
      // OpenSSH answers the closing of a channel only when its command has ended.
      resolve();
    };
    deadline.addEventListener('abort', giveUp, { once: true });
    channel.once('close', () => {
      deadline.removeEventListener('abort', giveUp);
      resolve();
    });
  });
  const exit = ended.then(async (): Promise<Result<number | undefined>> => {
    if (!deadline.aborted) await stderr.ended;
    return lost.aborted && code === null ? fail(lost.reason) : ok(code ?? undefined);
  });
  return ok({ io, stderr, exit });
}

/**
 * Closing the channel alone would leave a command running that neither reads nor writes. OpenSSH delivers signals since
 * 7.9, but none where the login is root ("session signalling requires privilege separation").
 */
function kill(channel: ClientChannel, io: Duplex): void {
  // A request on a channel that the server has closed makes OpenSSH end the whole connection ("unknown channel").
  const { state } = wireState.parse(channel.incoming);
  if (state === 'closed' || state === 'closing') return void io.destroy();
  // ssh2 sends no signal after our end of input, which RFC 4254 (sections 5.3 and 6.9) allows: it sees an open channel.
  const open = Object.create(channel, {
    writable: { value: true },
    outgoing: { value: Object.assign({}, channel.outgoing, { state: 'open' }) },
  });
  channel.signal.call(open, 'KILL');
  io.destroy();
}

/** Writes the input and closes it. What the command did not want to read is dropped; an error of the source is told. */
async function feed(io: Duplex, input: Command['input'], exit: Promise<unknown>): Promise<Error | undefined> {
  if (!(input instanceof Readable)) {
    io.end(input);
    return undefined;
  }
  const over = new AbortController();
  void exit.then(() => over.abort());
  try {
    await pipeline(input, io, { signal: over.signal });
    return undefined;
  } catch (error) {
    return over.signal.aborted || !(error instanceof Error) ? undefined : error;
  }
}

const tooLate = ({ connection }: Place, { deadlineMs, output }: { deadlineMs: number; output: string }): Failure => ({
  what: `a command did not end within ${deadlineMs / 1000} s`,
  where: connection.target.name,
  ...(output === '' ? {} : { detail: output.slice(-2000) }),
});
