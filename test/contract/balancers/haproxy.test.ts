import { balancerContract, type Subject } from './balancer.contract.ts';
import { blueAndGreen, entrance, placesOf } from './rig/fleet.ts';
import { startBackends } from './rig/processes.ts';
import { membershipHaproxy, pointerHaproxy } from './rig/subjects.ts';

const started = (make: typeof pointerHaproxy, index: number) => async (): Promise<Subject> => {
  const { blue, green } = blueAndGreen(4);
  const backends = startBackends();
  await backends.start([...placesOf(blue), ...placesOf(green)]);
  const { haproxy, balancer } = await make({ blue, green, index });
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
