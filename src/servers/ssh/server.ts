import type { Server } from '../port.ts';
import { type Place, runCommand, streamCommand } from './command.ts';
import type { Connection } from './connection.ts';
import { forwardFrom } from './forward.ts';
import { sessionsOf } from './sessions.ts';
import { uploadFiles } from './upload.ts';

/** A server over one connection, whose end is told by `lost`. */
export interface SshServer extends Server {
  readonly lost: AbortSignal;
}

/** The Server port over one SSH connection. */
export function sshServer(connection: Connection): SshServer {
  const place: Place = { connection, sessions: sessionsOf(connection) };
  return {
    name: connection.target.name,
    address: connection.target.address,
    lost: connection.lost,
    run: (command) => runCommand(place, command),
    stream: (command) => streamCommand(place, command),
    ...forwardFrom(place),
    upload: (files, onBytes) => uploadFiles(place, files, onBytes),
    close: () => closeConnection(connection),
  };
}

/** Says good-bye, and does not wait long for the answer. */
export function closeConnection({ client, lost }: Connection): Promise<void> {
  return new Promise((resolve) => {
    if (lost.aborted) return resolve();
    const impatient = setTimeout(() => client.destroy(), 1_000);
    lost.addEventListener('abort', () => {
      clearTimeout(impatient);
      resolve();
    });
    client.end();
  });
}
