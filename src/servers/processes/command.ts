import type { SlotName } from '../../fleet/nouns.ts';
import { foreignLines, foreignWords } from '../../foreign-words.ts';
import type { ProcessConfig } from '../../inputs/config.ts';
import { type Failure, fail, ok, type Result } from '../../result.ts';
import { startClock } from '../../rollout/clock.ts';
import type { Server } from '../port.ts';
import type { ProcessManager, ProcessSeen, ProcessState } from './port.ts';

export type CommandConfig = Extract<ProcessConfig, { readonly manager: 'command' }>;

/** For a restart or stop itself, and then again until the status says that it is done. */
const commandMs = 120_000;
const settleMs = 30_000;
const pollMs = 100;

/** The user's own commands, run by `sh` on the server with SLOT and SERVER in their environment. */
export function commandManager(config: CommandConfig, server: Server): ProcessManager {
  const clock = startClock();
  const where = server.name;

  async function run(what: 'restart' | 'stop' | 'status', slot: SlotName): Promise<Result<string>> {
    const script = 'SLOT=$2 SERVER=$3; export SLOT SERVER; exec sh -c "$1"';
    const ran = await server.run({ script, args: [config[what], slot, server.name], deadlineMs: commandMs });
    if (!ran.ok) return ran;
    const { code, stdout, stderr } = ran.value;
    if (code === 0) return ok(stdout);
    const end = code === undefined ? 'was ended by a signal' : `ended with exit code ${code}`;
    const detail = foreignLines(stderr.trim() === '' ? stdout : stderr).join('\n');
    return fail({ what: `the ${what} command of slot ${slot} ${end}`, where, ...(detail && { detail }) });
  }

  async function status(slot: SlotName): Promise<Result<readonly ProcessSeen[]>> {
    const output = await run('status', slot);
    return output.ok ? readStatus(output.value, where) : output;
  }

  /** Looks until all processes are as they should be; resolves to how many there are. */
  async function settled(slot: SlotName, lacks: (process: ProcessSeen) => string | undefined): Promise<Result<number>> {
    const deadline = clock.now() + settleMs;
    for (;;) {
      const seen = await status(slot);
      if (!seen.ok) return seen;
      const lacking = seen.value.flatMap((process) => {
        const lack = lacks(process);
        return lack === undefined ? [] : [`${process.name}: ${lack}`];
      });
      if (lacking.length === 0) return ok(seen.value.length);
      if (clock.now() >= deadline) return fail(unsettled(slot, lacking, where));
      await clock.sleep(pollMs);
    }
  }

  return {
    // Before a first deploy the commands themselves may be missing: they often are part of the release.
    check: async () => undefined,
    status,
    async restart(slot) {
      const began = clock.now();
      const before = await status(slot);
      if (!before.ok) return before;
      const old = new Set(before.value.map(({ pid }) => pid));
      const restarted = await run('restart', slot);
      if (!restarted.ok) return restarted;
      const spawned = await settled(slot, ({ state, pid }) => {
        if (state !== 'running' && state !== 'starting') return state;
        return pid === undefined || !old.has(pid) ? undefined : `still runs as pid ${pid}`;
      });
      if (!spawned.ok) return spawned;
      return ok({ stopMs: 0, spawnMs: clock.now() - began, processes: spawned.value });
    },
    async stop(slot) {
      const stopped = await run('stop', slot);
      if (!stopped.ok) return stopped;
      const down = await settled(slot, ({ state }) => (state === 'stopped' || state === 'failed' ? undefined : state));
      return down.ok ? ok(undefined) : down;
    },
    async trouble(slot) {
      const seen = await status(slot);
      const failed = seen.ok ? seen.value.filter(({ state }) => state === 'failed') : [];
      if (failed.length === 0) return undefined;
      const names = failed.map(({ name }) => name).slice(0, 10);
      return { what: `${failed.length} of the processes of slot ${slot} not running: ${names.join(', ')}`, where };
    },
  };
}

/** What a status may say, in the words of the usual process managers. */
const words: ReadonlyMap<string, ProcessState> = new Map(
  Object.entries({
    running: 'running',
    active: 'running',
    up: 'running',
    online: 'running',
    starting: 'starting',
    activating: 'starting',
    stopping: 'stopping',
    deactivating: 'stopping',
    stopped: 'stopped',
    inactive: 'stopped',
    down: 'stopped',
    exited: 'stopped',
    failed: 'failed',
    fatal: 'failed',
    backoff: 'failed',
  }),
);

/** Lines `name state pid`; the pid may be missing, `-` or 0. Empty lines are skipped, anything else is a mistake. */
export function readStatus(output: string, where: string): Result<readonly ProcessSeen[]> {
  const processes: ProcessSeen[] = [];
  for (const line of output.split('\n').map((text) => text.trim())) {
    if (line === '') continue;
    const [name = '', word = '', pid = '0', ...rest] = line.split(/\s+/);
    const state = words.get(word.toLowerCase());
    if (state === undefined || rest.length > 0 || !/^(\d+|-)$/.test(pid)) return fail(unreadable(line, where));
    processes.push({ name: foreignWords(name), state, ...(Number(pid) > 0 && { pid: Number(pid) }) });
  }
  return ok(processes);
}

const unreadable = (line: string, where: string): Failure => ({
  what: 'the status command answered a line that is not `name state pid`',
  where,
  detail: foreignWords(line),
  advice: `a state is one of: ${[...words.keys()].join(', ')}`,
});

const unsettled = (slot: SlotName, lacking: readonly string[], where: string): Failure => ({
  what: `the processes of slot ${slot} are not as they should be ${settleMs / 1000} s after the command`,
  where,
  detail: lacking.slice(0, 10).join('\n'),
});
