import type { FleetFile } from '../file/fleet-file.ts';
import type { Mistake } from '../mistakes/mistake.ts';

/** What may be meant as it is, but is worth a word. */
export function hints({ balancers, witness }: FleetFile): Mistake[] {
  const unheld = balancers.findIndex(
    (one) => one.driver === 'http' || (one.backend === undefined && one.pointer?.hold === undefined),
  );
  return [
    ...(balancers.length > 1 && unheld >= 0
      ? [
          {
            path: ['balancers', unheld],
            what: 'several balancers without a hold cannot change at the same moment: users could meet both releases',
            advice: 'set up the hold of docs/haproxy.md and name its value in pointer.hold',
          },
        ]
      : []),
    ...(witness === undefined
      ? [
          {
            path: [],
            what: 'without a witness the report cannot say what users saw',
            advice: 'add witness: { url: … }',
          },
        ]
      : []),
  ];
}
