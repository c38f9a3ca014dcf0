import { balancerContract, type Subject } from './balancer.contract.ts';
import { blueAndGreen, entrance, placesOf } from './rig/fleet.ts';
import { startBackends } from './rig/processes.ts';
import { membershipHaproxy, pointerHaproxy } from './rig/subjects.ts';

/** The algorithm that shows a mix of versions most surely: each request may go to any member. */
const random = (config: string) => config.replaceAll(/^backend shop.*$/gm, (line) => `${line}\n    balance random`);

const started = (make: typeof pointerHaproxy, index: number) => async (): Promise<Subject> => {
  const { blue, green } = blueAndGreen(32);
  const backends = startBackends();
  await backends.start([...placesOf(blue), ...placesOf(green)]);
  const { haproxy, balancer } = await make({ blue, green, index, edit: random });
  return {
    balancer,
    blue,
    green,
    entrance: entrance(index),
    async close() {
      await haproxy.close();
      await backends.close();
    },
  };
};

balancerContract('HAProxy by pointer', started(pointerHaproxy, 0));
balancerContract('HAProxy by membership', started(membershipHaproxy, 1));
