import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Duplex, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fail, ok, type Result } from '../../../result.ts';
import { causeIn } from '../trouble.ts';
import { readWords } from './rsync-words.ts';
import type { Load, Transport } from './transport.ts';

/**
 * What rsync takes for ssh: hands the words of the remote command to us on file descriptor 3, each ended by NUL and all of them
 * by an empty one, and from then on copies between rsync and us. So rsync travels on the connection that is open already.
 * It ends when the remote end does, which rsync waits for. The detour through 4 is there because a shell gives /dev/null to
 * what it runs in the background. rsync splits this at spaces and knows quotes, but no escapes.
 */
const remoteShell = `sh -c 'printf "%s\\0" "$@" "" >&3; exec 4<&0; cat <&4 >&3 & exec cat <&3' fleetflip`;

/**
 * Names go through the protocol (`-s`), never through a shell. `-I`: what is asked for is sent, equal size and time or not;
 * of a file with an earlier version in the base, only what differs.
 */
const options = ['-ltpsIz', '--chmod=Du=rwx,Dgo=rx,Fu=rwX,Fgo=rX', '--from0', '--files-from=-', '--out-format=%i %l'];

/** rsync(1), "EXIT VALUES": those that a person can do something about. */
const causes: Readonly<Record<number, string>> = {
  11: 'rsync could not write on the server',
  12: 'the connection to rsync on the server was lost',
  20: 'rsync was interrupted',
  23: 'rsync could not transfer some files',
  24: 'files vanished from the source while they were sent',
  30: 'rsync heard nothing from the server for too long',
  127: 'rsync is missing',
};

/** Differences to the base, file by file. */
export const sendByRsync: Transport = async (load) => {
  const { server, shipment, files, tree, base } = load;
  const basis = base === undefined ? ['-W'] : [`--copy-dest=${base}`];
  // The host is a word for our own remote shell, which leaves it out.
  const words = [...options, ...basis, '-e', remoteShell, `${shipment.source}/`, `server:${tree}/`];
  const child = spawn('rsync', words, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const exit = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : undefined));
  const link = child.stdio[3];
  if (!(link instanceof Duplex)) throw new TypeError('rsync was started without its link');
  child.stdin.on('error', () => {});
  // Without the leading `./`, rsync takes names that begin with # or ; for comments.
  child.stdin.end(files.map((file) => `./${file.path}\0`).join(''));
  countFiles(child.stdout, load);
  const said = text(child.stderr);
  const remote = await connect(link, load);
  if (!remote.ok) {
    child.kill();
    await exit;
    return remote;
  }
  const code = await exit;
  link.destroy();
  const theirs = await remote.value;
  if (!theirs.ok) return theirs;
  return judge({ code, words: `${await said}${theirs.value.stderr}`.trim(), where: server.name });
};

/** Starts the remote end and joins it to the local one. The inner promise resolves when the remote end has ended. */
async function connect(link: Duplex, { server, deadlineMs }: Load) {
  const [, ...command] = await readWords(link);
  const started = await server.stream({ script: 'exec "$@"', args: command, deadlineMs });
  if (!started.ok) return started;
  const { io, completed } = started.value;
  for (const end of [link, io]) end.on('error', () => {});
  link.on('close', () => io.end());
  // Where the remote end breaks off, rsync would wait for ever for somebody to take what it sends.
  io.once('close', () => link.unpipe(io).end().resume());
  link.pipe(io).pipe(link);
  return ok(completed);
}

/** rsync prints what it does (`<f` sends a file) and the size, for folders too. */
function countFiles(output: Readable, { onSent }: Load): void {
  const sent = { files: 0, bytes: 0 };
  createInterface({ input: output }).on('line', (line) => {
    const size = /^<f\S* (\d+)$/.exec(line)?.[1];
    if (size === undefined) return;
    sent.files += 1;
    sent.bytes += Number(size);
    onSent({ ...sent });
  });
}

function judge({ code, words, where }: { code: number | undefined; words: string; where: string }): Result<void> {
  if (code === 0) return ok(undefined);
  const known = code === undefined ? 'rsync was killed' : causes[code];
  const what = causeIn(words) ?? known ?? `rsync failed (exit code ${code})`;
  return fail({ what, where, detail: words.slice(0, 2000) });
}
