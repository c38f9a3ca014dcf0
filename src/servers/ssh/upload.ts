import { type FileHandle, open } from 'node:fs/promises';
import type { SFTPWrapper } from 'ssh2';
import { type Failure, fail, ok, type Result } from '../../result.ts';
import type { UploadFile } from '../port.ts';
import type { Place } from './command.ts';
import { limitOf } from './limit.ts';

/** Files on their way at once. Each needs two round trips, so small files are bound by this and not by the bandwidth. */
const filesAtOnce = 32;
/** Size of one write and how many of them one file may have unanswered: 2 MiB on the way. */
const blockSize = 32 * 1024;
const blocksAtOnce = 64;

export async function uploadFiles(
  { connection, sessions }: Place,
  files: readonly UploadFile[],
  onBytes: (bytes: number) => void = () => {},
): Promise<Result<void>> {
  const where = connection.target.name;
  const opened = await sessions.open<SFTPWrapper>((client, done) => client.sftp(done), AbortSignal.timeout(30_000));
  if (!opened.ok) return connection.lost.aborted ? opened : fail(noSubsystem(where, opened.failure));
  const sftp = opened.value;
  const upload = { sftp, ask: askerOf(connection.lost), onBytes };
  const limit = limitOf(filesAtOnce);
  let failure: Failure | undefined;
  await Promise.all(
    files.map(async (file) => {
      const leave = await limit.enter();
      if (failure === undefined) {
        const problem = await put(upload, file).catch(String);
        if (problem !== undefined) failure ??= { what: `${file.to} was not uploaded: ${problem}`, where };
      }
      leave();
    }),
  );
  sftp.end();
  if (connection.lost.aborted) return fail(connection.lost.reason);
  return failure === undefined ? ok(undefined) : fail(failure);
}

const noSubsystem = (where: string, { detail }: Failure): Failure => ({
  what: 'no SFTP',
  where,
  ...(detail === undefined ? {} : { detail }),
  advice: 'add "Subsystem sftp internal-sftp" to sshd_config, or transfer by rsync or tar',
});

interface Upload {
  readonly sftp: SFTPWrapper;
  readonly ask: ReturnType<typeof askerOf>;
  readonly onBytes: (bytes: number) => void;
}

/** Writes one file. What is wrong with it, or nothing. */
async function put({ sftp, ask, onBytes }: Upload, file: UploadFile): Promise<string | undefined> {
  const source = await open(file.from);
  try {
    const target = await ask<Buffer>((done) => sftp.open(file.to, 'w', { mode: file.mode }, done));
    // A server handles the requests about one file in order, so none of these waits for the one before it. The mode is
    // set again because the server's umask applies to the first one, and because the file may have been there.
    const written = writeBlocks({ sftp, ask, target, source, onBytes });
    const sent = await written.then(
      () => [ask((done) => sftp.fsetstat(target, { mode: file.mode }, done)), ask((done) => sftp.close(target, done))],
      (error: unknown) => [ask((done) => sftp.close(target, done)), Promise.reject(error)],
    );
    const broken = (await Promise.allSettled(sent)).find((result) => result.status === 'rejected');
    return broken === undefined ? undefined : messageOf(broken.reason);
  } catch (error) {
    return messageOf(error);
  } finally {
    await source.close();
  }
}

interface Writing extends Upload {
  readonly target: Buffer;
  readonly source: FileHandle;
}

async function writeBlocks({ sftp, ask, target, source, onBytes }: Writing): Promise<void> {
  const unanswered = new Set<Promise<void>>();
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await source.read(Buffer.allocUnsafe(blockSize), 0, blockSize, position);
    if (bytesRead === 0) break;
    const at = position;
    const block = ask((done) => sftp.write(target, buffer, 0, bytesRead, at, done)).then(() => onBytes(bytesRead));
    unanswered.add(block);
    void block.finally(() => unanswered.delete(block)).catch(() => {});
    position += bytesRead;
    if (unanswered.size >= blocksAtOnce) await Promise.race(unanswered);
  }
  await Promise.all(unanswered);
}

type Request<T> = (done: (error: Error | null | undefined, value: T) => void) => void;

/** SFTP requests as promises. ssh2 never answers those that were open when the connection was lost. */
const askerOf =
  (lost: AbortSignal) =>
  <T = void>(request: Request<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const broken = () => reject(new Error('the connection was lost'));
      if (lost.aborted) return broken();
      lost.addEventListener('abort', broken, { once: true });
      request((error, value) => {
        lost.removeEventListener('abort', broken);
        if (error) reject(error);
        else resolve(value);
      });
    });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
