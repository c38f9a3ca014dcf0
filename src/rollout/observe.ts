import type { Pool } from '../fleet/nouns.ts';
import type { Observation } from '../fleet/observation.ts';
import { type Failure, ok, type Result } from '../result.ts';
import type { World } from './world.ts';

/** Reads the truth from every server and from the balancer, at the same time. Fails with all that could not be read. */
export async function observe(world: World, pools: readonly Pool[]): Promise<Result<Observation>> {
  const [balancer, ...servers] = await Promise.all([
    world.balancer.observe(pools),
    ...world.hosts.map((host) => host.observe()),
  ]);
  const seen = servers.flatMap((result) => (result.ok ? [result.value] : []));
  const failures: Failure[] = [balancer, ...servers].flatMap((result) => (result.ok ? [] : [result.failure]));
  const [first] = failures;
  if (first !== undefined) return { ok: false, failure: allOf(first, failures) };
  return ok({ servers: seen, balancers: balancer.ok ? [balancer.value] : [] });
}

const allOf = (first: Failure, failures: readonly Failure[]): Failure =>
  failures.length === 1
    ? first
    : {
        what: `${failures.length} parts of the fleet cannot be read`,
        detail: failures.map((failure) => `${failure.where ?? '?'}: ${failure.what}`).join('\n'),
        ...(first.advice && { advice: first.advice }),
      };
