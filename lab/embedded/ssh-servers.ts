/**
 * The SSH servers of an embedded lab: commands run in the server's folder, forwarded ports lead to its instances.
 * Ends with its standard input.
 *
 *   node ssh-servers.ts <settings>      prints one line of JSON: the port of each server
 */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import ssh2, { type AuthContext, type Connection, type Session } from 'ssh2';
import { z } from 'zod';
import { listen } from './listen.ts';

const settings = z
  .object({
    servers: z.array(z.object({ folder: z.string(), hostKey: z.string() })),
    clientKey: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));
const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);

/** The only key that may log in. ssh2 first asks without a signature, then with one. */
function authenticate(context: AuthContext): void {
  const key = ssh2.utils.parseKey(settings.clientKey);
  if (context.method !== 'publickey' || key instanceof Error) {
    context.reject(['publickey']);
    return;
  }
  const known = context.key.data.equals(key.getPublicSSH());
  const signed = !context.signature || key.verify(context.blob ?? Buffer.alloc(0), context.signature) === true;
  if (known && signed) context.accept();
  else context.reject(['publickey']);
}

function serveSession(session: Session, folder: string): void {
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept();
    const child = spawn('sh', ['-c', command], { cwd: folder, env: { ...process.env, PATH: path } });
    // A client may close its channel, and a command its input, whenever they like.
    for (const stream of [channel, child.stdin]) stream.on('error', () => {});
    channel.pipe(child.stdin);
    child.stdout.pipe(channel, { end: false });
    child.stderr.pipe(channel.stderr, { end: false });
    channel.once('close', () => child.kill());
    child.once('close', (code, signal) => {
      if (code === null) channel.exit(signal ?? 'TERM');
      else channel.exit(code);
      channel.end();
    });
  });
}

function serve(connection: Connection, folder: string): void {
  connection.on('error', () => {});
  connection.on('authentication', authenticate);
  connection.on('session', (accept) => serveSession(accept(), folder));
  connection.on('tcpip', (accept, reject, { destPort }) => {
    const instance = connect(join(folder, 'run', `${destPort}.sock`));
    instance.once('error', () => reject());
    instance.once('connect', () => {
      const channel = accept();
      for (const stream of [channel, instance]) stream.on('error', () => {});
      channel.pipe(instance).pipe(channel);
    });
  });
}

const ports = settings.servers.map(({ folder, hostKey }) =>
  listen(new ssh2.Server({ hostKeys: [hostKey] }, (connection) => serve(connection, folder))),
);
console.log(JSON.stringify(await Promise.all(ports)));
process.stdin.on('end', () => process.exit()).resume();
