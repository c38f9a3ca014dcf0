/** A child process with the instances: real HTTP servers that answer with their release. Spoken to by messages. */
import { createServer, type Server } from 'node:http';
import { z } from 'zod';

const place = z.object({ address: z.string(), port: z.number(), release: z.string() });
const message = z.discriminatedUnion('do', [
  z.object({ do: z.literal('start'), places: z.array(place) }),
  z.object({ do: z.literal('stop'), places: z.array(place) }),
]);

const running = new Map<string, Server>();

const start = ({ address, port, release }: z.infer<typeof place>) =>
  new Promise<void>((resolve, reject) => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      const delay = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('delay') ?? '0');
      const answer = () => response.setHeader('x-release', release).end(`${release}\n`);
      if (delay === 0) answer();
      else setTimeout(answer, delay);
    });
    running.set(`${address}:${port}`, server);
    server.once('error', reject).listen(port, address, 64, resolve);
  });

const stop = ({ address, port }: z.infer<typeof place>) =>
  new Promise<void>((resolve) => {
    const server = running.get(`${address}:${port}`);
    server?.closeAllConnections();
    server ? server.close(() => resolve()) : resolve();
  });

process.on('message', async (raw) => {
  const wanted = message.parse(raw);
  await Promise.all(wanted.places.map(wanted.do === 'start' ? start : stop));
  process.send?.('done');
});
process.on('disconnect', () => process.exit());
