import { fail, ok, type Result } from '../../result.ts';
import { basePath, workPath } from './layout.ts';
import { sizeOf } from './manifest.ts';
import { isNear } from './near.ts';
import type { Needs } from './reconcile.ts';
import { type OnProgress, type StageReceipt, type Staging, stagingDeadlineMs } from './stage.ts';
import { chooseTransport, largeFileBytes, type TransportName } from './transports/choose.ts';
import { sendByRsync } from './transports/rsync.ts';
import { sendByScp } from './transports/scp.ts';
import { sendByTar } from './transports/tar.ts';
import type { Transport } from './transports/transport.ts';
import { diskFull, shortOfSpace } from './trouble.ts';

const transports: Readonly<Record<TransportName, Transport>> = { rsync: sendByRsync, scp: sendByScp, tar: sendByTar };

/** Sends what a server needs, by the way that is configured or fits best. */
export async function send(
  staging: Staging,
  needs: Needs,
  onProgress: OnProgress,
): Promise<Result<Omit<StageReceipt, 'already'>>> {
  const { server, config, id, shipment } = staging;
  const { tools, base, freeKilobytes } = needs;
  const files = shipment.filesAt(needs.paths);
  const total = sizeOf(files);
  const where = server.name;
  const short = shortOfSpace(files, freeKilobytes);
  if (short) return fail({ ...short, where });
  const runnerHasRsync = await shipment.runnerHasRsync();
  const large = files.filter(({ size }) => size >= largeFileBytes);
  const changedBytes = base === undefined ? 0 : sizeOf(large).bytes;
  const transport = chooseTransport({ wanted: config.transfer, tools, runnerHasRsync, changedBytes, where });
  if (!transport.ok) return transport;
  const sent = await transports[transport.value]({
    server,
    shipment,
    files,
    tree: `${workPath(basePath(config, server), id)}/tree`,
    ...(base === undefined ? {} : { base }),
    gzip: tools.has('gzip') && !isNear(server.address),
    deadlineMs: stagingDeadlineMs,
    onSent: (size) => onProgress(size, total),
  });
  if (sent.ok) return ok({ transport: transport.value, sent: total });
  if (sent.failure.what === diskFull) await discard(staging);
  if (config.transfer === 'auto' && sent.failure.what === 'no SFTP')
    return fail({ what: 'the server has neither tar nor rsync nor SFTP; one of them is needed', where });
  return sent;
}

/** What is half there stays for the next attempt, except on a full disk: the live release needs the room. */
const discard = ({ server, config, id }: Staging) =>
  server.run({ script: 'rm -rf "$1"', args: [workPath(basePath(config, server), id)] });
