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
  const limit = limitOf(filesAtOnce);
  let failure: Failure | undefined;
  await Promise.all(
    files.map(async (file) => {
      const leave = await limit.enter();
      if (failure === undefined) {
        const problem = await put(sftp, file, onBytes).catch(String);
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
  advice: 'Add "Subsystem sftp internal-sftp" to sshd_config, or transfer by rsync or tar.',
});

/** Writes one file. What is wrong with it, or nothing. */
async function put(sftp: SFTPWrapper, file: UploadFile, onBytes: (bytes: number) => void): Promise<string | undefined> {
  const source = await open(file.from);
  try {
    const target = await answer<Buffer>((done) => sftp.open(file.to, 'w', { mode: file.mode }, done));
    // A server handles the requests about one file in order, so none of these waits for the one before it. The mode is
    // set again because the server's umask applies to the first one, and because the file may have been there.
    const written = writeBlocks({ sftp, target, source, onBytes });
    const sent = await written.then(
      () => [
        answer((done) => sftp.fsetstat(target, { mode: file.mode }, done)),
        answer((done) => sftp.close(target, done)),
      ],
      (error: unknown) => [answer((done) => sftp.close(target, done)), Promise.reject(error)],
    );
    const broken = (await Promise.allSettled(sent)).find((result) => result.status === 'rejected');
    return broken === undefined ? undefined : messageOf(broken.reason);
  } catch (error) {
    return messageOf(error);
  } finally {
    await source.close();
  }
}

interface Writing {
  readonly sftp: SFTPWrapper;
  readonly target: Buffer;
  readonly source: FileHandle;
  readonly onBytes: (bytes: number) => void;
}

async function writeBlocks({ sftp, target, source, onBytes }: Writing): Promise<void> {
  const unanswered = new Set<Promise<void>>();
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await source.read(Buffer.allocUnsafe(blockSize), 0, blockSize, position);
    if (bytesRead === 0) break;
    const at = position;
    const block = answer((done) => sftp.write(target, buffer, 0, bytesRead, at, done)).then(() => onBytes(bytesRead));
    unanswered.add(block);
    void block.finally(() => unanswered.delete(block)).catch(() => {});
    position += bytesRead;
    if (unanswered.size >= blocksAtOnce) await Promise.race(unanswered);
  }
  await Promise.all(unanswered);
}

/** One SFTP request as a promise. */
const answer = <T = void>(request: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => request((error, value) => (error ? reject(error) : resolve(value))));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
