import type { ClientChannel } from 'ssh2';
import { fail, ok } from '../../result.ts';
import type { ForwardTarget, Server } from '../port.ts';
import { type Bridge, bridgeOf } from './bridge.ts';
import { channelStream } from './channel.ts';
import type { Place } from './command.ts';
import type { Connection } from './connection.ts';
import { notReached } from './not-reached.ts';
import { type Opened, openChannel } from './opening.ts';

/** Opens connections from a server to its own ports and sockets, and remembers which way the server allows. */
export type Forward = Pick<Server, 'forward' | 'forwardsPorts'>;

const deadlineMs = 30_000;

export function forwardFrom(place: Place): Forward {
  const { connection } = place;
  const bridge: Bridge = bridgeOf(place);
  const refused = new Set<'path' | 'port'>();
  return {
    forwardsPorts: () => !refused.has('port'),
    async forward(target) {
      const kind = 'path' in target ? 'path' : 'port';
      if (refused.has(kind)) return bridge(target);
      const opened = await openDirect(connection, target);
      if (opened.ok) return ok(channelStream(opened.channel, { lost: connection.lost, halfOpen: false }));
      if (!mayBeForbidden(target, opened)) return fail(notReached(connection, target, opened.detail));
      // Known at once, so that nobody else asks in vain while the first finds its way.
      if (kind === 'port') refused.add(kind);
      const bridged = await bridge(target);
      if (bridged.ok) refused.add(kind);
      return bridged;
    },
  };
}

/** A channel that the server itself connects; needs no session. */
export const openDirect = (connection: Connection, target: ForwardTarget): Promise<Opened<ClientChannel>> =>
  openChannel<ClientChannel>(
    connection,
    (client, done) =>
      'path' in target
        ? client.openssh_forwardOutStreamLocal(target.path, done)
        : client.forwardOut('127.0.0.1', 0, target.host ?? '127.0.0.1', target.port, done),
    AbortSignal.timeout(deadlineMs),
  );

/**
 * OpenSSH gives a forbidden unix socket the same answer as a missing one ("open failed"), so for sockets only the helper
 * command can tell. Ports are told apart.
 */
const mayBeForbidden = (target: ForwardTarget, opened: Opened<unknown>): boolean =>
  !opened.ok &&
  (opened.refusal === 'prohibited' ||
    opened.refusal === 'unknown-type' ||
    ('path' in target && opened.refusal === 'connect-failed'));
