import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../src/result.ts';
import type { ForwardTarget, Server } from '../../src/servers/port.ts';

/** Words that a careless quoting would let a shell read. */
export const hostileWords = [
  '',
  ' ',
  '-n',
  '$(touch /tmp/pwned)`id`$HOME',
  `'"\\'"'`,
  "\\'; exit 7 #",
  'a\nb\n\n',
  '*?[a]~{a,b}',
  '!! !$ !x',
  '%s %n \\0041 \\n \\c',
  'tab\there',
  'über 🚀',
  '&& || ; | > <',
];

export interface ContractOptions {
  /** False where the server is known to have no SFTP. */
  readonly uploads?: boolean;
}

/** What every implementation of the Server port does, on a machine whose files and ports the test itself can reach. */
export function serverContract(
  name: string,
  open: () => Promise<Server>,
  { uploads = true }: ContractOptions = {},
): void {
  describe(`${name} as a server`, () => {
    let server: Server;
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'fleetflip-contract-'));
      server = await open();
    });
    afterAll(async () => {
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    it('runs a command and tells code, output and error output', async () => {
      const result = await server.run({ script: 'echo out; echo err >&2; exit 3' });
      expect(result).toEqual({ ok: true, value: { code: 3, stdout: 'out\n', stderr: 'err\n' } });
    });

    it('knows the exit code of commands that end at once, many at a time', async () => {
      const ends = await Promise.all(Array.from({ length: 40 }, () => server.run({ script: 'exit 7' })));
      for (const end of ends) expect(end).toMatchObject({ ok: true, value: { code: 7 } });
    });

    it('lives on after the deadline of a command that had long ended', async () => {
      expectOk(await server.run({ script: 'exit 0', deadlineMs: 300 }));
      expectOk(await server.run({ script: 'sleep 0.5' }));
      expect(await server.run({ script: 'exit 4' })).toMatchObject({ ok: true, value: { code: 4 } });
    });

    it('hands every word over as it is', async () => {
      const { stdout } = expectOk(await server.run({ script: 'printf "%s\\037" "$@"', args: hostileWords }));
      expect(stdout.split('\x1f').slice(0, -1)).toEqual(hostileWords);
    });

    it('keeps a script of several lines', async () => {
      const script = `x='it'"'"'s!'\nfor y in 1 2; do\n  printf '%s\\n' "$x $y"\ndone`;
      expect(expectOk(await server.run({ script })).stdout).toBe("it's! 1\nit's! 2\n");
    });

    it('keeps a long script and long words, and the input behind them', async () => {
      const script = `${'# a comment\n'.repeat(2500)}printf '%s ' "$1"; cat`;
      const long = 'é!'.repeat(10_000);
      const { stdout } = expectOk(await server.run({ script, args: [long], input: 'input\nof two lines' }));
      expect(stdout).toBe(`${long} input\nof two lines`);
    });

    it('sends input from text, bytes and a stream', async () => {
      const bytes = randomBytes(300_000).toString('base64');
      for (const input of [bytes, Buffer.from(bytes), Readable.from([bytes.slice(0, 1000), bytes.slice(1000)])])
        expect(expectOk(await server.run({ script: 'cat', input })).stdout).toBe(bytes);
    });

    it('closes the input of a command that is given none', async () => {
      expect(expectOk(await server.run({ script: 'cat; echo end' })).stdout).toBe('end\n');
    });

    it('does not mind a command that leaves its input unread', async () => {
      const input = Buffer.alloc(5_000_000);
      expect(expectOk(await server.run({ script: 'exit 4', input })).code).toBe(4);
    });

    it('tells the exit code of a command that closed its output long before', async () => {
      expect(expectOk(await server.run({ script: 'exec >&- 2>&-; sleep 0.2; exit 6' })).code).toBe(6);
    });

    it('tells a command ended by a signal from one that exited', async () => {
      expect(expectOk(await server.run({ script: 'kill -9 $$' })).code).toBeUndefined();
    });

    it('runs more commands at once than a connection has sessions', async () => {
      const numbers = Array.from({ length: 25 }, (_, index) => String(index));
      const results = await Promise.all(numbers.map((number) => server.run({ script: 'echo "$1"', args: [number] })));
      expect(results.map((result) => expectOk(result).stdout)).toEqual(numbers.map((number) => `${number}\n`));
    });

    it('streams both ways and passes the end of input on', async () => {
      const bytes = randomBytes(6_000_000);
      const { io, completed } = expectOk(await server.stream({ script: 'cat; echo err >&2; exit 5' }));
      io.end(bytes);
      expect((await buffer(io)).equals(bytes)).toBe(true);
      expect(await completed).toEqual({ ok: true, value: { code: 5, stdout: '', stderr: 'err\n' } });
    });

    it('reaches a port and a unix socket, and passes the end on in both directions', async () => {
      for (const target of [{ port: 0 }, { path: join(folder, 'socket') }]) {
        const echo = await listen(target, (socket) => {
          void buffer(socket).then((all) => socket.end(`${all.length} bytes`));
        });
        const io = expectOk(await server.forward(echo.target));
        io.end(Buffer.alloc(200_000));
        expect(await text(io)).toBe('200000 bytes');
        await echo.close();
      }
    });

    it('sees the end of a connection that the other side closes first', async () => {
      const path = join(folder, 'closing');
      const closing = await listen({ path }, (socket) => {
        socket.once('data', () => socket.end('bye'));
      });
      const io = expectOk(await server.forward({ path }));
      io.write('hello');
      expect(await text(io)).toBe('bye');
      await closing.close();
    });

    it('says which socket nobody listens on', async () => {
      const path = join(folder, 'nobody');
      const result = await server.forward({ path });
      // A helper command that cannot tell shows it as an early end.
      if (result.ok) expect(await text(result.value).catch(String)).not.toContain('bye');
      else expect(JSON.stringify(result.failure)).toContain(path);
    });

    if (uploads) uploadContract(() => ({ server, folder }));
    else
      it('says that it cannot upload', async () => {
        expect(await server.upload([])).toMatchObject({ ok: false, failure: { what: 'no SFTP' } });
      });
  });
}

function uploadContract(fixture: () => { readonly server: Server; readonly folder: string }): void {
  it('says which file it could not upload', async () => {
    const { server, folder } = fixture();
    const from = join(folder, 'lost');
    await writeFile(from, 'x');
    const uploaded = await server.upload([{ from, to: join(folder, 'nowhere', 'lost'), mode: 0o644 }]);
    expect(JSON.stringify(uploaded)).toMatch(/nowhere.lost/);
    expect(uploaded.ok).toBe(false);
  });

  it('uploads many files with their content and mode', async () => {
    const { server, folder } = fixture();
    const files = await Promise.all(
      Array.from({ length: 80 }, async (_, index) => {
        const content = randomBytes(index === 0 ? 3_000_000 : index === 1 ? 0 : 500);
        const from = join(folder, `from-${index}`);
        await writeFile(from, content);
        return {
          content,
          file: { from, to: join(folder, `to ${index} 'ü'`), mode: index % 2 === 0 ? 0o755 : 0o640 },
        };
      }),
    );
    let bytes = 0;
    const uploaded = await server.upload(
      files.map(({ file }) => file),
      (more) => {
        bytes += more;
      },
    );
    expect(uploaded).toEqual({ ok: true, value: undefined });
    expect(bytes).toBe(files.reduce((sum, { content }) => sum + content.length, 0));
    for (const { content, file } of files) {
      expect((await readFile(file.to)).equals(content)).toBe(true);
      expect((await stat(file.to)).mode & 0o7777).toBe(file.mode);
    }
  });
}

/** The value of a result that has to be one. */
export function expectOk<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure, null, 2));
  return result.value;
}

async function listen(
  target: { readonly port: number } | { readonly path: string },
  serve: (socket: Socket) => void,
): Promise<{ readonly target: ForwardTarget; readonly close: () => Promise<unknown> }> {
  const server: NetServer = createServer({ allowHalfOpen: true }, serve);
  await new Promise<void>((resolve) => server.listen({ ...target, host: '127.0.0.1' }, resolve));
  const address = server.address();
  const reached = address === null || typeof address === 'string' ? target : { port: address.port };
  return { target: reached, close: () => new Promise((resolve) => server.close(resolve)) };
}
