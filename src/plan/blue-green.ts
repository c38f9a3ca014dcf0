import type { Pool } from '../fleet/nouns.ts';
import { type Draft, drafts } from './draft.ts';
import { inPool, isOn, type Model } from './model.ts';
import type { Wish } from './plan.ts';

/**
 * Two slots: the idle one is started and verified off the clock, then one switch. A slot that already runs the wanted
 * release (kept for rollback) is only switched to.
 */
export function blueGreen(model: Model, wish: Wish): Draft[] {
  const [one, other] = wish.pools;
  if (one === undefined || other === undefined) throw new Error('blue-green needs two slots');
  const unitsIn = (pool: Pool) => model.units.filter((unit) => inPool(unit, pool));
  const done = (pool: Pool) => unitsIn(pool).every((unit) => isOn(unit, wish.release));
  const live = liveSlot(model, [one, other]);
  if (live && done(live)) return model.live === live.name ? [] : settled(live);

  const idle = live === one ? other : live === other ? one : done(other) ? other : one;
  const slot = idle.slot;
  const cold = unitsIn(idle).filter((unit) => !isOn(unit, wish.release));
  const servers = cold.map((unit) => unit.server);
  const warm =
    cold.length === 0 ? [] : drafts('stage', { do: 'restart', servers, slot }, { do: 'await-ready', servers, slot });
  return [
    ...(live && cold.some((unit) => unit.serving) ? alone(live) : []),
    ...warm,
    ...drafts('stage', { do: 'admit', pool: idle.name }),
    ...drafts('flip', { do: 'switch', ...(live && { from: live.name }), to: idle.name, cutover: true }),
    ...(live ? retire(live, wish) : []),
  ];
}

/** Users are on both slots (a batch cut off half way, or a hand): back to one before the other is touched. */
const alone = (live: Pool): Draft[] => drafts('stage', { do: 'switch', to: live.name, cutover: false });

/** Users are on the wanted release, but not there alone, or not on every balancer. */
const settled = (live: Pool): Draft[] => [
  ...drafts('stage', { do: 'admit', pool: live.name }),
  ...drafts('flip', { do: 'switch', to: live.name, cutover: true }),
];

const retire = (old: Pool, wish: Wish): Draft[] => [
  ...drafts('finish', { do: 'drain', pool: old.name }),
  ...(wish.keepOld === 'forever'
    ? []
    : drafts('finish', { do: 'stop', servers: old.servers, slot: old.slot, afterMs: wish.keepOld })),
];

/** The slot users are on: what the balancer says, else the one with more serving instances. */
function liveSlot(model: Model, slots: readonly Pool[]): Pool | undefined {
  const serving = (pool: Pool) =>
    model.units.filter((unit) => unit.serving && inPool(unit, pool)).reduce((sum, unit) => sum + unit.ready, 0);
  const candidates = slots.filter((pool) => serving(pool) > 0);
  const named = candidates.find((pool) => pool.name === model.live);
  return named ?? candidates.sort((x, y) => serving(y) - serving(x))[0];
}
