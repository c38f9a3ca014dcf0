import type { Administrative, Operational } from '../../fleet/observation.ts';
import { ok, type Result } from '../../result.ts';
import { administrative, type Row, refusal, stateRows, statRows } from './replies.ts';
import type { Runtime } from './runtime.ts';

/** One `server` line of a backend, as HAProxy sees it now. */
export interface BackendServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly administrative: Administrative;
  readonly operational: Operational;
  /** Requests it is busy with, or that wait for it alone. */
  readonly sessions: number;
  /** Used only when no other server can be. */
  readonly backup: boolean;
  /** `backend/server` whose health it shares. */
  readonly tracks?: string;
}

export interface Backend {
  readonly name: string;
  readonly servers: ReadonlyMap<string, BackendServer>;
  /** Requests that have no server yet: queued, or about to be assigned. */
  readonly unassigned: number;
}

const count = (text: string | undefined): number => Number(text || '0');

/** `srv_op_state`: 0 stopped, 1 starting (slowstart), 2 running, 3 stopping. Checks pause in maintenance, so nothing is known then. */
function operational(state: string | undefined, admin: Administrative): Operational {
  if (admin === 'disabled') return 'unknown';
  return state === '1' || state === '2' ? 'up' : 'down';
}

function serverFrom(state: Row, stat: Row | undefined): BackendServer {
  const admin = administrative(count(state('srv_admin_state')));
  const tracks = stat?.('tracked') ?? '';
  return {
    name: state('srv_name'),
    address: state('srv_addr'),
    port: count(state('srv_port')),
    administrative: admin,
    operational: operational(state('srv_op_state'), admin),
    sessions: count(stat?.('scur')) + count(stat?.('qcur')),
    backup: stat?.('bck') === '1',
    ...(tracks === '' ? {} : { tracks }),
  };
}

function backendFrom(name: string, states: readonly Row[], stats: readonly Row[]): Backend {
  const stat = new Map(stats.map((row) => [row('svname'), row]));
  const servers = new Map(states.map((state) => [state('srv_name'), serverFrom(state, stat.get(state('srv_name')))]));
  const assigned = stats.filter((row) => row('type') === '2').reduce((sum, row) => sum + count(row('scur')), 0);
  return { name, servers, unassigned: Math.max(0, count(stat.get('BACKEND')?.('scur')) - assigned) };
}

/**
 * Reads backends in two round trips, however many; those that HAProxy does not have are missing in the answer. Statistics are asked
 * for by number, because by name HAProxy answers for the frontend only where a frontend has the same name.
 */
export async function readBackends(
  runtime: Runtime,
  names: readonly string[],
): Promise<Result<ReadonlyMap<string, Backend>>> {
  const states = await runtime.ask(names.map((name) => `show servers state ${name}`));
  if (!states.ok) return states;
  const known = names.flatMap((name, index) => {
    const reply = states.value[index] ?? '';
    const found = /^\[/.test(reply) ? [] : stateRows(reply);
    const id = found[0]?.('be_id');
    return id === undefined ? [] : [{ name, id, states: found }];
  });
  if (known.length === 0) return ok(new Map());
  const stats = await runtime.ask(known.map(({ id }) => `show stat ${id} 6 -1`));
  if (!stats.ok) return stats;
  return ok(
    new Map(
      known.map(({ name, states: found }, index) => [
        name,
        backendFrom(name, found, statRows(stats.value[index] ?? '')),
      ]),
    ),
  );
}

/** The first command that HAProxy refused, with its words. */
export function firstRefusal(commands: readonly string[], replies: readonly string[]): string | undefined {
  const index = replies.findIndex((reply) => refusal(reply) !== undefined);
  return index < 0 ? undefined : `${commands[index]}: ${refusal(replies[index] ?? '')}`;
}
