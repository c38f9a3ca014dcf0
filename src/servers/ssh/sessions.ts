import type { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
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

/** Refusals with nothing else open that are taken for lateness: sshd frees a session shortly after it has closed it. */
const patience = 20;

export function sessionsOf(connection: Connection): Sessions {
  const limit = limitOf(breaksOnOverlap(connection) ? 1 : usualLimit);
  return {
    async open(open, signal) {
      for (let refusals = 0; ; refusals += 1) {
        const leave = await limit.enter(AbortSignal.any([signal, connection.lost])).catch(() => undefined);
        if (leave === undefined) return fail(notOpened(connection, 'all sessions were in use until the deadline'));
        const opened = await openChannel(connection, open, signal);
        if (opened.ok) {
          opened.channel.once('close', leave);
          return ok(opened.channel);
        }
        const again = isLimit(opened) && (limit.lower() || refusals < patience);
        leave();
        if (!again) return fail(notOpened(connection, opened.detail));
        await delay(20);
      }
    },
  };
}

/**
 * Dropbear 2022.82 to 2024.85 ends the whole connection when one command ends while another is about to start
 * (https://github.com/mkj/dropbear/issues/321),so there
 * commands run one after the other. Who keeps a bridged connection open on such a server makes all other commands wait.
 */
const breaksOnOverlap = ({ software }: Connection): boolean => {
  const version = Number(/^dropbear_(\d+\.\d+)/.exec(software)?.[1] ?? 0);
  return version >= 2022.82 && version < 2024.86;
};

/** OpenSSH refuses a session beyond MaxSessions with the bare words "open failed" and the reason "connect failed". */
const isLimit = <T>(opened: Opened<T>): boolean => !opened.ok && opened.refusal !== 'other';

function notOpened({ target, lost }: Connection, detail: string): Failure {
  if (lost.aborted) return lost.reason;
  return { what: 'the server opened no SSH session', where: target.name, detail };
}
