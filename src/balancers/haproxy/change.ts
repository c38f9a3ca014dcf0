import { type Instance, instanceKey, type Pool } from '../../fleet/nouns.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Receipt } from '../port.ts';
import { type Backend, firstRefusal } from './backend.ts';
import type { Driven } from './driven.ts';
import { absent, distinctInstances, memberName, some } from './members.ts';
import { holdServer, type MembershipControl, readBackend } from './membership-backend.ts';

type Driver = Driven<MembershipControl>;

interface Change {
  readonly off: readonly string[];
  readonly on: readonly string[];
}

/** What has to change so that exactly `wanted` take requests. Drained members go out too: holders of a cookie still reach them. */
function changeOf(
  backend: Backend,
  instances: readonly Instance[],
  wanted: ReadonlySet<string>,
  template: string,
): Change {
  const state = (instance: Instance) => backend.servers.get(memberName(template, instance))?.administrative;
  const names = (chosen: readonly Instance[]) => chosen.map((instance) => memberName(template, instance));
  return {
    off: names(
      instances.filter(
        (instance) => !wanted.has(instanceKey(instance)) && (state(instance) ?? 'disabled') !== 'disabled',
      ),
    ),
    on: names(instances.filter((instance) => wanted.has(instanceKey(instance)) && state(instance) !== 'enabled')),
  };
}

/**
 * HAProxy serves requests between the commands of a batch. With a hold server all old members leave before the first new one enters:
 * requests wait there meanwhile, and no two versions answer. Without one the new ones enter first, which mixes for the length of
 * the batch, rather than leaving users with 503.
 */
export async function change(
  driver: Driver,
  wanted: readonly Instance[],
  pools: readonly Pool[],
): Promise<Result<Receipt>> {
  const before = await readBackend(driver);
  if (!before.ok) return before;
  const lacking = absent(before.value, wanted, driver.control.member);
  if (lacking.length > 0)
    return fail({ what: `backend ${driver.control.backend} has no ${some(lacking)}`, where: driver.name });
  const { off, on } = changeOf(
    before.value,
    distinctInstances(pools),
    new Set(wanted.map(instanceKey)),
    driver.control.member,
  );
  const leave = { names: off, state: 'maint' };
  const enter = { names: on, state: 'ready' };
  const started = performance.now();
  for (const batch of holdServer(before.value) ? [leave, enter] : [enter, leave]) {
    const sent = await send(driver, batch);
    if (!sent.ok) return sent;
  }
  const batchMs = performance.now() - started;
  const confirmed = await confirm(driver, wanted, pools);
  return confirmed.ok ? ok({ ms: performance.now() - started, batchMs }) : confirmed;
}

async function send(
  { name, runtime, control }: Driver,
  batch: { names: readonly string[]; state: string },
): Promise<Result<void>> {
  if (batch.names.length === 0) return ok(undefined);
  const commands = batch.names.map((member) => `set server ${control.backend}/${member} state ${batch.state}`);
  const replies = await runtime.ask(commands);
  if (!replies.ok) return replies;
  const refused = firstRefusal(commands, replies.value);
  return refused === undefined ? ok(undefined) : fail({ what: `HAProxy refused ${refused}`, where: name });
}

async function confirm(driver: Driver, wanted: readonly Instance[], pools: readonly Pool[]): Promise<Result<void>> {
  const after = await readBackend(driver);
  if (!after.ok) return after;
  const left = changeOf(after.value, distinctInstances(pools), new Set(wanted.map(instanceKey)), driver.control.member);
  const wrong = [...left.off, ...left.on];
  if (wrong.length === 0) return ok(undefined);
  return fail({ what: `${some(wrong)} of backend ${driver.control.backend} did not change`, where: driver.name });
}
