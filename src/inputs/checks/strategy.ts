import type { Mistake } from '../mistakes/mistake.ts';
import { strategyType } from '../resolve/config.ts';
import { shareOf } from '../values/share.ts';
import type { Sections } from './check.ts';

/** The strategy has the slots, the servers and the capacity that it needs. */
export function checkStrategy({ strategy, instances, servers }: Sections): Mistake[] {
  if (strategy === undefined || instances === undefined) return [];
  const type = strategyType(strategy.type, instances);
  const path = ['strategy', 'type'];
  const slots = instances.slots === undefined ? 1 : 2;
  if (type === 'blue-green' && slots === 1)
    return [
      {
        path,
        what: 'blue-green needs two slots',
        advice: 'write instances: { slots: { blue: …, green: … } }, or type: swap',
      },
    ];
  if (type === 'swap' && slots === 2)
    return [
      {
        path,
        what: 'swap is for one slot, and there are two',
        advice: 'write instances: { ports: … }, or type: blue-green',
      },
    ];
  const count = servers?.flat().length;
  if (count === undefined) return [];
  const advice = 'a second set of ports (instances.slots) keeps full capacity on one server';
  if (type === 'swap' && count < 2)
    return [{ path: ['servers'], what: 'swap needs at least two servers, one per half', advice }];
  return capacity({ wanted: strategy['min-capacity'], type, count });
}

type Capacity = {
  readonly wanted: NonNullable<Sections['strategy']>['min-capacity'];
  readonly type: 'swap' | 'blue-green';
  readonly count: number;
};

/** While one half of a swap serves, the smaller one is all there is. */
function capacity({ wanted, type, count }: Capacity): Mistake[] {
  const path = ['strategy', 'min-capacity'];
  const least = type === 'swap' ? Math.floor(count / 2) / count : 1;
  if (wanted === undefined || shareOf(wanted, count) <= least) return [];
  if (type === 'blue-green') return [{ path, what: `asks for more than the ${count} servers there are` }];
  const what = `cannot be kept: half of the servers serves during a swap, which is ${Math.floor(count / 2)} of ${count}`;
  return [{ path, what, advice: `write ${Math.floor(least * 100)}%, or use two slots (blue-green)` }];
}
