import type { EventEmitter } from 'node:events';
import { type Failure, fail, ok, type Result } from '../../result.ts';
import type { Connection } from './connection.ts';
import { limitOf } from './limit.ts';
import { type Open, type Opened, openChannel } from './opening.ts';

/** Opens sessions (commands, subsystems) on one connection, never more at once than its server takes. */
export interface Sessions {
  /** Waits for its turn; given up when the signal is aborted. */
  open<T extends Session>(open: Open<T>, signal: AbortSignal): Promise<Result<T>>;
}

type Session = EventEmitter & { end(): unknown };

/** sshd's MaxSessions is 10 unless configured; the rest is left to whatever else uses the connection. */
const usualLimit = 8;

export function sessionsOf(connection: Connection): Sessions {
  const limit = limitOf(usualLimit);
  return {
    async open<T extends Session>(open: Open<T>, signal: AbortSignal) {
      for (;;) {
        const leave = await limit.enter(AbortSignal.any([signal, connection.lost])).catch(() => undefined);
        if (leave === undefined) return fail(notOpened(connection, 'all sessions were in use until the deadline'));
        const opened = await openChannel(connection, open, signal);
        if (opened.ok) {
          opened.channel.once('close', leave);
          return ok(opened.channel);
        }
        const again = isLimit(opened) && limit.lower();
        leave();
        if (!again) return fail(notOpened(connection, opened.detail));
      }
    },
  };
}

/** OpenSSH refuses a session beyond MaxSessions with the bare words "open failed" and the reason "connect failed". */
const isLimit = <T>(opened: Opened<T>): boolean => !opened.ok && opened.refusal !== 'other';

function notOpened({ target, lost }: Connection, detail: string): Failure {
  if (lost.aborted) return lost.reason;
  return { what: 'the server opened no SSH session', where: target.name, detail };
}
