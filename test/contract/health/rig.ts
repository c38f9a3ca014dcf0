import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import type { Instance } from '../../../src/fleet/nouns.ts';

export const server = 'web-1';

/** Listens on a free port, or on the given one, of 127.0.0.1 until the test ends. */
export async function instance(answer: RequestListener, port = 0): Promise<Instance> {
  const http: HttpServer = createServer(answer);
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}

export const as =
  (release: string, status = 200, body = 'fine\n'): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'x-release': release }).end(body);

/** An instance that nobody has started. */
export async function nobody(): Promise<Instance> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  await new Promise((resolve) => http.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port };
}
