import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { instanceKey, type Pool } from '../fleet/nouns.ts';
import type { BalancerSeen, MemberSeen } from '../fleet/observation.ts';
import type { BalancerConfig } from '../inputs/config.ts';
import { counted, duration } from '../report/duration.ts';
import { type Failure, fail, ok, type Result } from '../result.ts';
import type { Access } from './access.ts';
import { type Client, makeClient } from './http-client.ts';
import type { Balancer, Receipt } from './port.ts';

type HttpConfig = Extract<BalancerConfig, { driver: 'http' }>;

/** What `GET` answers; the contract is docs/http-balancer.md. */
const stateSchema = z.object({
  live: z.string().nullish(),
  /** There where the balancer can make requests wait, whether it does so or not. */
  held: z.boolean().optional(),
  members: z.array(
    z.object({
      server: z.string(),
      port: z.int().min(1).max(65_535),
      enabled: z.boolean(),
      up: z.boolean(),
      sessions: z.int().min(0),
    }),
  ),
});

type State = z.infer<typeof stateSchema>;

interface Driver {
  readonly name: string;
  readonly client: Client;
}

const pollMs = 20;

/** A balancer with an API of its own: one `PUT` moves all traffic. */
export function makeHttpBalancer({ name, url, token }: HttpConfig, access: Access): Balancer {
  const client = makeClient({ name, url: new URL(url), ...(token === undefined ? {} : { token }) }, access);
  const driver = { name, client };
  let canHold = false;
  return {
    name,
    get traits() {
      return {
        flips: 'pointer' as const,
        hold: canHold,
        drain: 'counter' as const,
        confirms: 'effect' as const,
        floorMs: () => 2,
      };
    },
    async open() {
      const state = await read(driver);
      if (!state.ok) return state;
      canHold = state.value.held !== undefined;
      return ok(undefined);
    },
    check: (pools) => check(driver, pools),
    observe: (pools) => observe(driver, pools),
    admit: (pool, deadlineMs, signal) => admit(driver, pool, { deadlineMs, signal }),
    apply: (to) => put(driver, { live: to.name }, (state) => state.live === to.name && state.held !== true),
    hold: () => put(driver, { hold: true }, (state) => state.held === true),
    async busy(pool) {
      const members = await membersOf(driver, pool);
      return members.ok ? ok(members.value.reduce((sum, member) => sum + member.sessions, 0)) : members;
    },
    close: async () => {},
  };
}

async function read({ name, client }: Driver): Promise<Result<State>> {
  const answer = await client.call('GET');
  if (!answer.ok) return answer;
  const state = stateSchema.safeParse(answer.value);
  if (state.success) return ok(state.data);
  const detail = z.prettifyError(state.error).slice(0, 500);
  return fail({ what: 'the answer is not what docs/http-balancer.md describes', where: name, detail });
}

/** Sends a change and reads it back. */
async function put(driver: Driver, change: object, done: (state: State) => boolean): Promise<Result<Receipt>> {
  const started = performance.now();
  const changed = await driver.client.call('PUT', change);
  if (!changed.ok) return changed;
  const state = await read(driver);
  if (!state.ok) return state;
  if (done(state.value)) return ok({ ms: performance.now() - started, batchMs: 0 });
  const { live, held } = state.value;
  const what = `the balancer accepted ${JSON.stringify(change)} and did not do it`;
  return fail({ what, where: driver.name, detail: `it says ${JSON.stringify({ live, held })}` });
}

const seenFrom = ({ server, port, enabled, up, sessions }: State['members'][number]): MemberSeen => ({
  member: instanceKey({ server, port }),
  server,
  port,
  administrative: enabled ? 'enabled' : 'disabled',
  operational: up ? 'up' : 'down',
  sessions,
});

async function observe(driver: Driver, pools: readonly Pool[]): Promise<Result<BalancerSeen>> {
  const state = await read(driver);
  if (!state.ok) return state;
  const { members, held = false } = state.value;
  const live = held ? undefined : pools.find((pool) => pool.name === state.value.live);
  const chosen = new Set(live?.instances.map(instanceKey));
  const ours = new Set(pools.flatMap((pool) => pool.instances).map(instanceKey));
  const serving = members.filter((member) => member.enabled && member.up).map(instanceKey);
  return ok({
    balancer: driver.name,
    ...(live === undefined ? {} : { live: live.name }),
    held,
    members: members.filter((member) => ours.has(instanceKey(member))).map(seenFrom),
    serving: serving.filter((key) => chosen.has(key)),
  });
}

async function membersOf(driver: Driver, pool: Pool): Promise<Result<State['members']>> {
  const state = await read(driver);
  if (!state.ok) return state;
  const keys = new Set(pool.instances.map(instanceKey));
  return ok(state.value.members.filter((member) => keys.has(instanceKey(member))));
}

/** This API has no way to overrule the balancer's own checks, so they are waited for. */
async function admit(
  driver: Driver,
  pool: Pool,
  { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<Result<void>> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const members = await membersOf(driver, pool);
    if (!members.ok) return members;
    const up = members.value.filter((member) => member.up).length;
    if (up >= pool.instances.length) return ok(undefined);
    if (signal.aborted)
      return fail({ what: `pool ${pool.name}: cancelled before all its members were up`, where: driver.name });
    if (performance.now() > until) {
      const what = `${up} of ${pool.instances.length} members of pool ${pool.name} up after ${duration(deadlineMs)}`;
      return fail({ what, where: driver.name });
    }
    await sleep(pollMs);
  }
}

async function check(driver: Driver, pools: readonly Pool[]): Promise<Failure[]> {
  const state = await read(driver);
  if (!state.ok) return [state.failure];
  const known = new Set(state.value.members.map(instanceKey));
  return pools.flatMap((pool) => {
    const missing = pool.instances.map(instanceKey).filter((key) => !known.has(key));
    if (missing.length === 0) return [];
    return [
      { what: `pool ${pool.name} lacks ${counted(missing.length, 'member')}, first ${missing[0]}`, where: driver.name },
    ];
  });
}
