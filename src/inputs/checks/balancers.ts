import type { Mistake } from '../mistakes/mistake.ts';
import { balancerName } from '../resolve/balancers.ts';
import { poolNames } from '../resolve/slots.ts';
import type { Sections } from './check.ts';

type Balancers = NonNullable<Sections['balancers']>;
type Pointer = NonNullable<Extract<Balancers[number], { socket: string }>['pointer']>;

/** Balancers have names of their own, and a pointer has a backend of its own for every pool. */
export function checkBalancers({ balancers = [], instances }: Sections): Mistake[] {
  return [
    ...sameName(balancers),
    ...balancers.flatMap((balancer, index) => {
      if (balancer.driver === 'http' || balancer.pointer === undefined) return [];
      const path = ['balancers', index, 'pointer'];
      return [
        ...(instances === undefined ? [] : pools(balancer.pointer, { instances, path })),
        ...sameValue(balancer.pointer, path),
      ];
    }),
  ];
}

function sameName(balancers: Balancers): Mistake[] {
  const names = balancers.map(balancerName);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          {
            path: ['balancers', index],
            what: `there is another balancer called ${name}`,
            advice: 'give it a name of its own',
          },
        ],
  );
}

type Around = { readonly instances: NonNullable<Sections['instances']>; readonly path: readonly PropertyKey[] };

/** Where pools are written at all, they are all written: a half-written map would fail at the flip. */
function pools({ pools: written }: Pointer, { instances, path }: Around): Mistake[] {
  if (written === undefined) return [];
  const needed: readonly string[] = poolNames(instances);
  const strategy = needed.includes('all') ? 'one slot' : 'two slots';
  const missing = needed.filter((pool) => !Object.hasOwn(written, pool));
  const unused = Object.keys(written).filter((pool) => !needed.includes(pool));
  return [
    ...missing.map((pool) => ({
      path: [...path, 'pools', pool],
      what: `is missing: a fleet with ${strategy} needs the pools ${needed.join(', ')}`,
    })),
    ...unused.map(
      (pool): Mistake => ({
        path: [...path, 'pools', pool],
        what: `is not a pool of a fleet with ${strategy} (${needed.join(', ')})`,
        at: 'key',
      }),
    ),
  ];
}

/** Two pools behind one backend could not be told apart. */
function sameValue({ pools: written = {}, hold }: Pointer, path: readonly PropertyKey[]): Mistake[] {
  const seen = new Set<string | undefined>([hold]);
  return Object.entries(written).flatMap(([pool, backend]) =>
    seen.size === seen.add(backend).size
      ? [{ path: [...path, 'pools', pool], what: `${backend} is used for something else already` }]
      : [],
  );
}
