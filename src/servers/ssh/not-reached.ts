import type { Failure } from '../../result.ts';
import type { ForwardTarget } from '../port.ts';
import type { Connection } from './connection.ts';

/** A connection from the server to one of its own ports or sockets did not come about. */
export function notReached({ target: server, lost }: Connection, target: ForwardTarget, detail: string): Failure {
  if (lost.aborted) return lost.reason;
  const name = 'path' in target ? target.path : `${target.host ?? '127.0.0.1'}:${target.port}`;
  return { what: `no connection to ${name} on the server`, where: server.name, detail };
}
