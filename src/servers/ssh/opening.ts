import type { Client } from 'ssh2';
import type { Connection } from './connection.ts';

/** Why a channel did not open: the reason codes of RFC 4254, section 5.1, and what came from elsewhere. */
export type Refusal = 'prohibited' | 'connect-failed' | 'unknown-type' | 'shortage' | 'other';

export type Opened<T> =
  | { readonly ok: true; readonly channel: T }
  | { readonly ok: false; readonly refusal: Refusal; readonly detail: string };

/** Starts to open something on a connection; calls back as ssh2 does. */
export type Open<T> = (client: Client, opened: (error: Error | null | undefined, channel: T) => void) => void;

const reasons: readonly Refusal[] = ['other', 'prohibited', 'connect-failed', 'unknown-type', 'shortage'];

/** Opens a channel. Given up when the signal is aborted: what then still opens is closed at once. */
export function openChannel<T extends { end(): unknown }>(
  { client, lost }: Connection,
  open: Open<T>,
  signal: AbortSignal,
): Promise<Opened<T>> {
  return new Promise((resolve) => {
    const refuse = (refusal: Refusal, detail: string) => resolve({ ok: false, refusal, detail });
    if (lost.aborted) return refuse('other', 'the connection was lost');
    const giveUp = () => refuse('other', 'no answer');
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      open(client, (error, channel) => {
        signal.removeEventListener('abort', giveUp);
        if (error) return refuse(refusalOf(error), error.message);
        if (signal.aborted) channel.end();
        resolve({ ok: true, channel });
      });
    } catch (error) {
      // ssh2 throws when the socket has ended and its close event is still to come.
      refuse('other', String(error));
    }
  });
}

const refusalOf = (error: Error & { readonly reason?: unknown }): Refusal => reasons[Number(error.reason)] ?? 'other';
