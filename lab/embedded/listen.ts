import type { AddressInfo } from 'node:net';

interface Listener {
  listen(port: number, host: string, listening: () => void): unknown;
  address(): AddressInfo | string | null;
}

/** Starts to listen on a free port of 127.0.0.1; the port. */
export const listen = (server: Listener): Promise<number> =>
  new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('not a TCP port'));
      else resolve(address.port);
    });
  });
