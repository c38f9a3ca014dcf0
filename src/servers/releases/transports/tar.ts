import { pipeline } from 'node:stream/promises';
import { fail } from '../../../result.ts';
import { judge, type Transport } from './transport.ts';

/** `-o` keeps root from giving files to the owner in the archive. The umask is for tar run by others, who apply it. */
const unpack = 'cd "$1" && umask 022 && if [ "$2" = gzip ]; then gzip -dc | tar -xof -; else tar -xof -; fi';

/** An archive, packed once for all servers that need the same files. */
export const sendByTar: Transport = async ({ server, shipment, files, tree, gzip, deadlineMs, onSent }) => {
  const archive = await shipment.archive(files, gzip);
  const started = await server.stream({ script: unpack, args: [tree, gzip ? 'gzip' : 'plain'], deadlineMs });
  if (!started.ok) return started;
  const { io, completed } = started.value;
  io.resume();
  const lost = await pipeline(archive.read(onSent), io).then(
    () => undefined,
    (error: unknown) => error,
  );
  const result = await completed;
  const packing = archive.failure();
  if (packing) return fail(packing);
  if (!result.ok) return result;
  const judged = judge(result.value, 'unpacking the release failed', server.name);
  if (!judged.ok || lost === undefined) return judged;
  return fail({
    what: `the release could not be sent: ${lost instanceof Error ? lost.message : lost}`,
    where: server.name,
  });
};
