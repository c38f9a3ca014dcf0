import type { SlotName } from '../../fleet/nouns.ts';
import type { ProcessConfig } from '../../inputs/config.ts';
import { fail, ok, type Result } from '../../result.ts';
import { startClock } from '../../rollout/clock.ts';
import type { ForwardTarget, Server } from '../port.ts';
import type { Group, Supervised, SupervisorState } from './group.ts';
import { failedStates, notRunning } from './not-running.ts';
import type { ProcessManager, ProcessSeen, ProcessState } from './port.ts';
import { restartGroup, stopGroup } from './restart.ts';
import { openRpc } from './rpc.ts';
import { rpcGroup } from './rpc-group.ts';
import { supervisorctlGroup, supervisorctlWorks } from './supervisorctl-group.ts';
import { unreached } from './unreached.ts';

export type SupervisordConfig = Extract<ProcessConfig, { readonly manager: 'supervisord' }>;

/** The processes of a slot as one group of supervisord 3.0 or newer. */
export function supervisord(config: SupervisordConfig, server: Server): ProcessManager {
  const clock = startClock();
  async function within<T>(slot: SlotName, work: (group: Group) => Promise<Result<T>>): Promise<Result<T>> {
    const group = await openGroup(config, server, slot);
    if (!group.ok) return group;
    const result = await work(group.value);
    group.value.close();
    return result;
  }
  return {
    async check(slot) {
      const seen = await within(slot, (group) => group.look());
      return seen.ok ? undefined : seen.failure;
    },
    status: (slot) =>
      within(slot, async (group) => {
        const seen = await group.look();
        return seen.ok ? ok(seen.value.map(processSeen)) : seen;
      }),
    restart: (slot) => within(slot, (group) => restartGroup(group, clock)),
    stop: (slot) =>
      within(slot, async (group) => {
        const stopped = await stopGroup(group, clock);
        return stopped.ok ? ok(undefined) : stopped;
      }),
    async trouble(slot) {
      const found = await within(slot, async (group) => {
        const seen = await group.look();
        if (!seen.ok) return seen;
        const failed = seen.value.filter(({ state }) => failedStates.has(state));
        return ok(failed.length === 0 ? undefined : await notRunning(group, failed, { of: seen.value.length }));
      });
      return found.ok ? found.value : undefined;
    },
  };
}

/** One connection serves one task: between them supervisord may be restarted, and nothing is left open. */
async function openGroup(config: SupervisordConfig, server: Server, slot: SlotName): Promise<Result<Group>> {
  const fill = (text: string) => text.replaceAll('{slot}', slot).replaceAll('{server}', server.name);
  const { username, password } = config;
  const name = fill(config.program);
  const target = targetOf(fill(config.socket));
  const credentials = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const rpc = await openRpc({ server, target, ...credentials });
  if (rpc.ok) return ok(rpcGroup({ name, server: server.name }, rpc.value));
  if (config.config !== undefined) {
    const file = fill(config.config);
    if (await supervisorctlWorks(server, file)) return ok(supervisorctlGroup(name, server, file));
  }
  return fail(await unreached(server, target, rpc.failure));
}

/** A path, or `host:port` with an IPv6 address in brackets. */
function targetOf(socket: string): ForwardTarget {
  const [, host, port] = /^\[?([^/]*?)\]?:(\d+)$/.exec(socket) ?? [];
  if (port === undefined) return { path: socket };
  return { port: Number(port), ...(host !== undefined && host !== '' && host !== '*' && { host }) };
}

const states: Readonly<Record<SupervisorState, ProcessState>> = {
  STOPPED: 'stopped',
  STARTING: 'starting',
  RUNNING: 'running',
  STOPPING: 'stopping',
  BACKOFF: 'failed',
  EXITED: 'failed',
  FATAL: 'failed',
  UNKNOWN: 'failed',
};

const processSeen = ({ name, state, pid, words }: Supervised): ProcessSeen => ({
  name,
  state: states[state],
  ...(pid > 0 && { pid }),
  ...(words !== '' && { detail: words }),
});
