import { instanceKey, type Pool } from '../../fleet/nouns.ts';
import type { BalancerSeen } from '../../fleet/observation.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Balancer } from '../port.ts';
import { admitMembers } from './admit.ts';
import { change } from './change.ts';
import { checkMembership } from './check.ts';
import type { Driven } from './driven.ts';
import { distinctInstances, membersSeen, servingKeys } from './members.ts';
import { holdServer, type MembershipControl, readBackend, strangers } from './membership-backend.ts';

type Driver = Driven<MembershipControl>;

/** HAProxy where one backend has the members of all pools, and those of the live one are enabled. */
export function membershipBalancer(driver: Driver): Balancer {
  const { name, runtime, control } = driver;
  let canHold = false;
  return {
    name,
    get traits() {
      return {
        flips: 'batch' as const,
        hold: canHold,
        drain: 'counter' as const,
        confirms: 'effect' as const,
        // 0.05 to 0.1 ms a command on an idle HAProxy.
        floorMs: (members: number) => 1 + members / 10,
      };
    },
    async open() {
      const backend = await readBackend(driver);
      if (!backend.ok) return backend;
      canHold = holdServer(backend.value) !== undefined;
      return ok(undefined);
    },
    check: (pools) => checkMembership(driver, pools),
    observe: (pools) => observe(driver, pools),
    admit: (pool, deadlineMs, signal) =>
      admitMembers({ name, runtime, pool, backend: control.backend, template: control.member, signal }, deadlineMs),
    apply: (to, pools) => change(driver, to.instances, pools),
    async hold(pools) {
      if (canHold) return change(driver, [], pools);
      return fail({ what: `backend ${control.backend} has no hold server`, where: name });
    },
    async busy(pool) {
      const backend = await readBackend(driver);
      if (!backend.ok) return backend;
      const members = membersSeen(backend.value, pool.instances, control.member);
      return ok(members.reduce((sum, member) => sum + member.sessions, 0));
    },
    close: async () => runtime.close(),
  };
}

async function observe(driver: Driver, pools: readonly Pool[]): Promise<Result<BalancerSeen>> {
  const { name, control } = driver;
  const backend = await readBackend(driver);
  if (!backend.ok) return backend;
  const members = membersSeen(backend.value, distinctInstances(pools), control.member);
  const enabled = new Set(members.filter((member) => member.administrative === 'enabled').map(instanceKey));
  const live =
    strangers(
      backend.value,
      members.map((member) => member.member),
    ).length > 0
      ? undefined
      : poolOf(enabled, pools);
  return ok({
    balancer: name,
    ...(live === undefined ? {} : { live: live.name }),
    held: enabled.size === 0 && holdServer(backend.value) !== undefined,
    members,
    serving: servingKeys(members),
  });
}

/** The pool whose instances are exactly the enabled ones. */
const poolOf = (enabled: ReadonlySet<string>, pools: readonly Pool[]): Pool | undefined =>
  pools.find(
    ({ instances }) =>
      instances.length === enabled.size && instances.every((instance) => enabled.has(instanceKey(instance))),
  );
