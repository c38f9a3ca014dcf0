import { fail, ok, type Result } from '../result.ts';
import type { Command, Server } from './port.ts';

/** Quotes one word for POSIX `sh`. The only place where text becomes shell. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** The command line that runs `script` with its arguments as "$1" …, whatever characters they hold. */
export const commandLine = ({ script, args = [] }: Command): string =>
  ['exec sh -c', quote(script), 'fleetflip', ...args.map(quote)].join(' ');

/** Runs a command that is expected to exit with 0; its standard output. */
export async function expectSuccess(server: Server, command: Command, what: string): Promise<Result<string>> {
  const result = await server.run(command);
  if (!result.ok) return result;
  const { code, stdout, stderr } = result.value;
  if (code === 0) return ok(stdout);
  const detail = (stderr.trim() || stdout.trim()).slice(-2000);
  return fail({ what: `${what} (exit code ${code ?? 'none: ended by a signal'})`, where: server.name, detail });
}
