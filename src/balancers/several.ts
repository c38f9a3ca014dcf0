import { setTimeout as sleep } from 'node:timers/promises';
import { instanceKey, type Pool } from '../fleet/nouns.ts';
import type { BalancerSeen } from '../fleet/observation.ts';
import { type Failure, fail, ok, type Result } from '../result.ts';
import type { Balancer, Receipt, Traits } from './port.ts';

type Balancers = readonly Balancer[];

/** Requests that had passed the rules before the hold get this long to reach their pool; longer ones finish on the old one. */
const settleMs = 250;

/** Changes to several balancers arrive this far apart, beyond what each takes (measured: up to 20 ms under load). */
const skewMs = 20;

/** Several balancers in front of the same fleet as one. */
export function several(balancers: readonly [Balancer, ...Balancer[]]): Balancer {
  const [first] = balancers;
  if (balancers.length === 1) return first;
  const name = balancers.map((balancer) => balancer.name).join(' + ');
  return {
    name,
    get traits() {
      return combined(balancers);
    },
    open: () => everywhere(balancers, (balancer) => balancer.open()),
    check: async (pools) => (await Promise.all(balancers.map((balancer) => balancer.check(pools)))).flat(),
    async observe(pools) {
      const seen = await gather(balancers, (balancer) => balancer.observe(pools));
      return seen.ok ? ok(merged(name, seen.value)) : seen;
    },
    admit: (pool, deadlineMs, signal) => everywhere(balancers, (balancer) => balancer.admit(pool, deadlineMs, signal)),
    apply: (to, pools) => applyTogether(balancers, to, pools),
    async hold(pools) {
      return slowest(await gather(balancers, (balancer) => balancer.hold(pools)));
    },
    async busy(pool) {
      const counts = await gather(balancers, (balancer) => balancer.busy(pool));
      return counts.ok ? ok(counts.value.reduce((sum, count) => sum + count, 0)) : counts;
    },
    async close() {
      await Promise.all(balancers.map((balancer) => balancer.close()));
    },
  };
}

const worst = <T>(order: readonly T[], values: readonly T[]): T =>
  values.reduce((one, other) => (order.indexOf(other) > order.indexOf(one) ? other : one));

/** As good as the weakest. Without a hold on all of them no cutover is one moment, so it counts as a batch at best. */
function combined(balancers: readonly [Balancer, ...Balancer[]]): Traits {
  const traits = balancers.map((balancer) => balancer.traits);
  const hold = traits.every((trait) => trait.hold);
  const flips = worst<Traits['flips']>(
    ['pointer', 'batch', 'one-by-one', 'reload', 'connection'],
    traits.map((trait) => trait.flips),
  );
  return {
    flips: flips === 'pointer' && !hold ? 'batch' : flips,
    hold,
    drain: worst(
      ['counter', 'time', 'nothing'],
      traits.map((trait) => trait.drain),
    ),
    confirms: worst(
      ['effect', 'configuration'],
      traits.map((trait) => trait.confirms),
    ),
    floorMs: (members) => Math.max(...traits.map((trait) => trait.floorMs(members))) + skewMs,
  };
}

/** Asks all at once. The first failure stands for all; the others are named with it. */
async function gather<T>(balancers: Balancers, ask: (balancer: Balancer) => Promise<Result<T>>): Promise<Result<T[]>> {
  const answers = await Promise.all(balancers.map(ask));
  const failures = answers.flatMap((answer) => (answer.ok ? [] : [answer.failure]));
  const [failure, ...others] = failures;
  if (failure === undefined) return ok(answers.flatMap((answer) => (answer.ok ? [answer.value] : [])));
  return fail(
    others.length === 0
      ? failure
      : { ...failure, detail: [failure.detail, ...others.map(line)].filter(Boolean).join('\n') },
  );
}

const line = ({ where, what }: Failure): string => `${where ?? 'another balancer'}: ${what}`;

async function everywhere(
  balancers: Balancers,
  ask: (balancer: Balancer) => Promise<Result<void>>,
): Promise<Result<void>> {
  const done = await gather(balancers, ask);
  return done.ok ? ok(undefined) : done;
}

function slowest(receipts: Result<Receipt[]>): Result<Receipt> {
  if (!receipts.ok) return receipts;
  const ms = Math.max(...receipts.value.map((receipt) => receipt.ms));
  return ok({ ms, batchMs: Math.max(...receipts.value.map((receipt) => receipt.batchMs)) });
}

/** The live pool where all agree. What serves anywhere, serves. */
export function merged(name: string, seen: readonly BalancerSeen[]): BalancerSeen {
  const lives = [...new Set(seen.map((one) => one.live))];
  const live = lives.length === 1 ? lives[0] : undefined;
  return {
    balancer: name,
    ...(live === undefined ? {} : { live }),
    held: seen.some((one) => one.held),
    members: seen.flatMap((one) => one.members),
    serving: [...new Set(seen.flatMap((one) => one.serving))],
  };
}

/**
 * Flips on several balancers are never one moment: a client behind one sees the new release while another still answers with the old.
 * So requests are held on all, then all are flipped. A change between pools that share instances needs none of this.
 */
async function applyTogether(balancers: Balancers, to: Pool, pools: readonly Pool[]): Promise<Result<Receipt>> {
  const flip = () => gather(balancers, (balancer) => balancer.apply(to, pools));
  const seen = await gather(balancers, (balancer) => balancer.observe(pools));
  if (!seen.ok) return seen;
  const { serving } = merged('', seen.value);
  const own = new Set(to.instances.map(instanceKey));
  const leaving = serving.some((key) => !own.has(key)) && !serving.some((key) => own.has(key));
  const started = performance.now();
  if (!leaving || !balancers.every((balancer) => balancer.traits.hold)) {
    const receipt = slowest(await flip());
    return receipt.ok ? ok({ ...receipt.value, batchMs: performance.now() - started }) : receipt;
  }
  const held = await gather(balancers, (balancer) => balancer.hold(pools));
  if (!held.ok) return undo(balancers, { pools, live: merged('', seen.value).live }, held.failure);
  await settled(
    balancers,
    pools.filter((pool) => !pool.instances.some((instance) => own.has(instanceKey(instance)))),
  );
  const flipped = await flip();
  return flipped.ok ? ok({ ms: performance.now() - started, batchMs: 0 }) : flipped;
}

/** Nothing was flipped yet: whoever holds goes back to what was live. */
async function undo(
  balancers: Balancers,
  before: { pools: readonly Pool[]; live: string | undefined },
  failure: Failure,
) {
  const back = before.pools.find((pool) => pool.name === before.live);
  const undone = back && (await gather(balancers, (balancer) => balancer.apply(back, before.pools)));
  if (undone?.ok) return fail(failure);
  const holding = 'requests may be held on those that could be';
  return fail({ ...failure, detail: [failure.detail, holding].filter(Boolean).join('\n') });
}

/** Waits until the pools that are left are idle twice in a row, or the time for it is up. */
async function settled(balancers: Balancers, pools: readonly Pool[]): Promise<void> {
  const until = performance.now() + settleMs;
  for (let idle = 0; idle < 2 && performance.now() < until; ) {
    const counts = await Promise.all(balancers.flatMap((balancer) => pools.map((pool) => balancer.busy(pool))));
    const quiet = counts.every((count) => count.ok && count.value === 0);
    idle = quiet ? idle + 1 : 0;
    if (!quiet) await sleep(2);
  }
}
