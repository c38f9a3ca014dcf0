import type { Pool } from '../fleet/nouns.ts';
import { type Draft, drafts } from './draft.ts';
import { inPool, isOn, type Model, type Unit } from './model.ts';
import type { Action, Wish } from './plan.ts';

interface Half {
  readonly pool: Pool;
  readonly units: readonly Unit[];
  /** All on the wanted release already. */
  readonly done: boolean;
  /** Users are sent to it, whether or not anything is alive there. */
  readonly routed: boolean;
  /** Users are sent to it and answered. */
  readonly serving: boolean;
}

const halfOf = (pool: Pool, model: Model, wish: Wish): Half => {
  const units = model.units.filter((unit) => inPool(unit, pool));
  return {
    pool,
    units,
    done: units.every((unit) => isOn(unit, wish.release)),
    routed: units.some((unit) => unit.serving),
    serving: units.some((unit) => unit.serving && unit.ready > 0),
  };
};

const flip = (...actions: Action[]): Draft[] => drafts('flip', ...actions);

/** New processes on the wanted release, seen ready by us, then by the balancer in the pool they will serve in. */
const renew = (half: Half, wish: Wish, joins: Pool = half.pool): Draft[] => {
  const servers = half.units.filter((unit) => !isOn(unit, wish.release)).map((unit) => unit.server);
  const admit: Action = { do: 'admit', pool: joins.name };
  if (servers.length === 0) return flip(admit);
  const { slot } = half.pool;
  return flip({ do: 'restart', servers, slot }, { do: 'await-ready', servers, slot }, admit);
};

/**
 * One slot, two halves: one half leaves and is renewed, the cutover moves users onto it, the other half is renewed and
 * joins. Starts from whatever is observed, so it also finishes or undoes a swap that was cut off in the middle.
 */
export function swap(model: Model, wish: Wish): Draft[] {
  const [all, ...parts] = wish.pools;
  if (all === undefined || parts.length !== 2) throw new Error('swap needs the pools all, a and b');
  const halves = parts.map((pool) => halfOf(pool, model, wish));
  const toAll = (from: Pool | undefined, cutover = false): Draft[] =>
    flip({ do: 'switch', ...(from && { from: from.name }), to: all.name, cutover });

  if (halves.every((half) => half.done))
    return model.live === all.name ? [] : [...flip({ do: 'admit', pool: all.name }), ...toAll(undefined)];
  // Nobody is served: there is nothing to protect, so the whole fleet starts at once.
  if (!halves.some((half) => half.serving))
    return [...renew(halfOf(all, model, wish), wish), ...toAll(undefined, true)];

  const [first, second] = inOrder(halves);
  const away: Draft[] =
    first.done || !first.routed
      ? []
      : flip(
          { do: 'switch', ...(model.live && { from: model.live }), to: second.pool.name, cutover: false },
          { do: 'drain', pool: first.pool.name },
        );
  const from = away.length > 0 ? second.pool.name : model.live;
  const cutover: Draft[] = second.routed
    ? flip(
        { do: 'switch', ...(from && { from }), to: first.pool.name, cutover: true },
        { do: 'drain', pool: second.pool.name },
      )
    : [];
  return [...away, ...renew(first, wish), ...cutover, ...renew(second, wish, all), ...toAll(first.pool)];
}

/**
 * The half that is done goes first, else the one that serves nobody (each saves a restart under users), else the one with
 * fewer ready instances, so that more stay for the users.
 */
function inOrder(halves: readonly Half[]): [Half, Half] {
  const [a, b] = halves;
  if (a === undefined || b === undefined) throw new Error('swap needs two halves');
  const rank = (half: Half) => (half.done ? 0 : half.serving ? 2 : 1);
  const ready = (half: Half) => half.units.reduce((sum, unit) => sum + unit.ready, 0) / half.units.length;
  const order = rank(a) - rank(b) || ready(a) - ready(b);
  return order <= 0 ? [a, b] : [b, a];
}
