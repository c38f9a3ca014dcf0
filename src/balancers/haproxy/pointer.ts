import type { Pool } from '../../fleet/nouns.ts';
import type { BalancerSeen } from '../../fleet/observation.ts';
import { fail, ok, type Result } from '../../result.ts';
import type { Balancer } from '../port.ts';
import { admitMembers } from './admit.ts';
import { readBackends } from './backend.ts';
import { checkPointer } from './check.ts';
import type { Driven } from './driven.ts';
import { writeMapFile } from './map-file.ts';
import { type PointerControl, point, readPointer } from './map-value.ts';
import { memberName, membersSeen, servingKeys } from './members.ts';

type Driver = Driven<PointerControl>;

/** HAProxy where one map value chooses the backend of every request: one write moves all traffic at once. */
export function pointerBalancer(driver: Driver): Balancer {
  const { name, runtime, access, control } = driver;
  return {
    name,
    traits: {
      flips: 'pointer',
      hold: control.hold !== undefined,
      drain: 'counter',
      confirms: 'effect',
      floorMs: () => 1,
    },
    async open() {
      const value = await readPointer(driver);
      return value.ok ? ok(undefined) : value;
    },
    check: (pools) => checkPointer(driver, pools),
    observe: (pools) => observe(driver, pools),
    async admit(pool, deadlineMs, signal) {
      const backend = backendOf(driver, pool);
      if (!backend.ok) return backend;
      return admitMembers(
        { name, runtime, pool, backend: backend.value, template: control.member, signal },
        deadlineMs,
      );
    },
    async apply(to) {
      const backend = backendOf(driver, to);
      if (!backend.ok) return backend;
      const entry = { map: control.map, key: control.key, value: backend.value };
      // The file first: a reload between the two then moves traffic where it is about to go, to a pool that is ready for it.
      const written = await writeMapFile(name, access, entry);
      return written.ok ? point(driver, backend.value) : written;
    },
    // Not written to the file: after a reload a forgotten hold is over and the pool of the last `apply` is live.
    async hold() {
      if (control.hold !== undefined) return point(driver, control.hold);
      return fail({ what: 'no hold value is configured for this balancer', where: name });
    },
    busy: (pool) => busy(driver, pool),
    close: async () => runtime.close(),
  };
}

function backendOf({ name, control }: Driver, pool: Pool): Result<string> {
  const backend = control.pools[pool.name];
  return backend === undefined
    ? fail({ what: `no backend is configured for pool ${pool.name}`, where: name })
    : ok(backend);
}

async function observe(driver: Driver, pools: readonly Pool[]): Promise<Result<BalancerSeen>> {
  const { name, runtime, control } = driver;
  const value = await readPointer(driver);
  if (!value.ok) return value;
  const names = [...new Set(pools.flatMap((pool) => control.pools[pool.name] ?? []))];
  const backends = await readBackends(runtime, names);
  if (!backends.ok) return backends;
  const live = pools.find((pool) => control.pools[pool.name] === value.value);
  const seen = pools.map((pool) => {
    const backend = backends.value.get(control.pools[pool.name] ?? '');
    return { pool, members: backend ? membersSeen(backend, pool.instances, control.member) : [] };
  });
  return ok({
    balancer: name,
    ...(live === undefined ? {} : { live: live.name }),
    held: control.hold !== undefined && value.value === control.hold,
    members: seen.flatMap(({ members }) => members),
    serving: seen.filter(({ pool }) => pool === live).flatMap(({ members }) => servingKeys(members)),
  });
}

/**
 * Requests in flight at the pool's instances, by whichever backend they came (those of `a` are members of `all` too), and those that
 * wait in such a backend for a member to be chosen. A request between the rules and its backend is in no counter: ask twice.
 */
async function busy({ runtime, control }: Driver, pool: Pool): Promise<Result<number>> {
  const backends = await readBackends(runtime, [...new Set(Object.values(control.pools))]);
  if (!backends.ok) return backends;
  const names = new Set(pool.instances.map((instance) => memberName(control.member, instance)));
  let total = 0;
  for (const backend of backends.value.values()) {
    const own = [...backend.servers.values()].filter((server) => names.has(server.name));
    if (own.length === 0) continue;
    total += backend.unassigned + own.reduce((sum, server) => sum + server.sessions, 0);
  }
  return ok(total);
}
