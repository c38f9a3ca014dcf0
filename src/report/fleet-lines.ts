import type { Slot } from '../fleet/nouns.ts';
import type { BalancerSeen, Observation, ServerSeen } from '../fleet/observation.ts';
import { counted } from './duration.ts';
import { releaseName } from './names.ts';

/** What is true now, for a person: a line per balancer, then one per server and slot. */
export function fleetLines(seen: Observation, slots: readonly Slot[]): string[] {
  const serving = new Set(seen.balancers.flatMap((balancer) => balancer.serving));
  return [
    ...seen.balancers.map(balancerLine),
    ...seen.servers.flatMap((server) => serverLines(server, slots, serving)),
  ];
}

const balancerLine = ({ balancer, live, held, serving }: BalancerSeen): string => {
  const where = held
    ? 'holds all requests'
    : live === undefined
      ? 'sends users to no pool of ours'
      : `sends users to ${live}`;
  return `${balancer}: ${where}, ${counted(serving.length, 'instance')} in its pool`;
};

function serverLines(server: ServerSeen, slots: readonly Slot[], serving: ReadonlySet<string>): string[] {
  return slots
    .filter((slot) => slot.servers.includes(server.server))
    .map((slot) => {
      const instances = server.instances.filter((instance) => instance.slot === slot.name);
      const ready = instances.filter((instance) => instance.ready);
      const releases = [...new Set(ready.map((instance) => releaseName(instance.release ?? 'unknown')))];
      const pointer = server.pointers[slot.name];
      const inUse = instances.some(({ port }) => serving.has(`${server.server}:${port}`)) ? 'live' : 'idle';
      const answers = releases.length === 0 ? 'nothing answers' : `answers as ${releases.join(' and ')}`;
      const points = pointer === undefined ? 'no release' : releaseName(pointer);
      return `${server.server} ${slot.name}: ${inUse}, ${ready.length} of ${instances.length} ready, ${answers}; points at ${points}`;
    });
}
