import { connect } from 'node:net';

/** Paths of unix sockets are short: sun_path has 108 bytes, and HAProxy adds up to 11 of its own while it binds (unix(7)). */
const longest = 96;

/** Refuses a folder in which the lab's sockets could not be made. */
export function checkSocketFolder(folder: string): void {
  const example = `${folder}/hosts/web-10/supervisor.sock`;
  if (example.length > longest) throw new Error(`${folder} is too long a path for unix sockets: use a shorter one`);
}

export const acceptsAt = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
