import { foreignLines, foreignWords } from '../../foreign-words.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Server } from '../port.ts';
import { type Group, groupMissing, type Refusals, type Supervised, supervisorStates } from './group.ts';

/** Where supervisord cannot be reached itself. `supervisorctl` reads user and password from its own configuration. */
export function supervisorctlGroup(name: string, server: Server, config: string): Group {
  const control = (action: 'status' | 'start' | 'stop', process: string) =>
    supervisorctl(server, config, [action, `${name}:${process}`]);
  const look = async (process = '*'): Promise<Result<readonly Supervised[]>> => {
    const output = await control('status', process);
    return output.ok ? readStatus(output.value, name, server.name) : output;
  };
  return {
    name,
    server: server.name,
    look,
    async lookAt(process) {
      const seen = await look(process);
      const [one] = seen.ok ? seen.value : [];
      return one ? ok(one) : seen.ok ? fail(groupMissing(`${name}:${process}`, server.name)) : seen;
    },
    async stop() {
      const output = await control('stop', '*');
      return output.ok ? ok(undefined) : output;
    },
    async start() {
      const output = await control('start', '*');
      return output.ok ? ok(readRefusals(output.value)) : output;
    },
    async log(process) {
      const tails = [`tail -2000 ${name}:${process} stderr`, `tail -2000 ${name}:${process} stdout`];
      const outputs = await Promise.all(tails.map((tail) => supervisorctl(server, config, tail.split(' '))));
      return outputs
        .map((output) => (output.ok && !output.value.includes(': ERROR (') ? output.value : ''))
        .join('\n')
        .trim();
    },
    close: () => {},
  };
}

/** Whether supervisord answers it. */
export async function supervisorctlWorks(server: Server, config: string): Promise<boolean> {
  const pid = await supervisorctl(server, config, ['pid']);
  return pid.ok && /^\d+\s*$/.test(pid.value);
}

/** Start and stop wait on the server, in steps of a second, for as long as startsecs and stopwaitsecs say. */
const deadlineMs = 120_000;

/** Its exit code says no more than its output: 3 after a status, for instance, where one process is stopped. */
async function supervisorctl(server: Server, config: string, words: readonly string[]): Promise<Result<string>> {
  const script = 'exec supervisorctl -c "$@"';
  const ran = await server.run({ script, args: [config, ...words], deadlineMs });
  if (!ran.ok) return ran;
  const { code, stdout, stderr } = ran.value;
  if (code === 127) return fail({ what: 'there is no supervisorctl on the server', where: server.name });
  const spoken = /^(error: .*|.* refused connection|.* no such file|Server requires authentication.*)$/m.exec(stdout);
  if (spoken === null && stdout.trim() !== '') return ok(stdout);
  if (spoken === null && code === 0) return ok(stdout);
  const [last] = foreignLines(stderr, 1);
  return fail({
    what: `supervisorctl: ${foreignWords(spoken?.[0] ?? last ?? `exit code ${code}`)}`,
    where: server.name,
  });
}

const statusLine = new RegExp(`^(?:([^\\s:]+):)?(\\S+)\\s+(${supervisorStates.join('|')})\\b\\s*(.*)$`);

/** Lines such as `shop-blue:8001   RUNNING   pid 4711, uptime 0:00:05`; the group is left out where it is named like its process. */
export function readStatus(output: string, group: string, where: string): Result<readonly Supervised[]> {
  const processes: Supervised[] = [];
  for (const line of output.split('\n')) {
    const [all, inGroup, name, word, words = ''] = statusLine.exec(line.trim()) ?? [];
    const state = supervisorStates.find((known) => known === word);
    if (all === undefined || name === undefined || state === undefined || (inGroup ?? name) !== group) continue;
    processes.push({ name, state, pid: Number(/^pid (\d+)/.exec(words)?.[1] ?? 0), words: foreignWords(words) });
  }
  if (processes.length > 0) return ok(processes);
  if (/no such (group|process)/.test(output)) return fail(groupMissing(group, where));
  const [first = 'nothing'] = foreignLines(output, 1);
  return fail({ what: `supervisorctl answered no status of ${group}: ${first}`, where });
}

/** Lines such as `shop-blue:8001: ERROR (no such file)`. What had already been running is no refusal. */
export function readRefusals(output: string): Refusals {
  const lines = output.matchAll(/^(?:[^\s:]+:)?([^\s:]+): ERROR \((?!already started)(.*)\)$/gm);
  return new Map([...lines].map(([, name = '', words = '']) => [name, foreignWords(words)]));
}
