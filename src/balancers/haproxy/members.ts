import { type Instance, instanceKey, type Pool } from '../../fleet/nouns.ts';
import type { MemberSeen } from '../../fleet/observation.ts';
import type { Backend } from './backend.ts';

/** The balancer's name for an instance, from a template such as `{server}-{port}`. */
export const memberName = (template: string, { server, port }: Instance): string =>
  template.replaceAll('{server}', server).replaceAll('{port}', String(port));

/** Every instance of the pools once; the pools `all` and `a` share theirs. */
export const distinctInstances = (pools: readonly Pool[]): Instance[] => [
  ...new Map(pools.flatMap((pool) => pool.instances).map((instance) => [instanceKey(instance), instance])).values(),
];

/** Member names of the instances that the backend does not have. */
export const absent = (backend: Backend, instances: readonly Instance[], template: string): string[] =>
  instances.map((instance) => memberName(template, instance)).filter((member) => !backend.servers.has(member));

/** Those of the instances that the backend has, in the words of an observation. */
export const membersSeen = (backend: Backend, instances: readonly Instance[], template: string): MemberSeen[] =>
  instances.flatMap((instance) => {
    const server = backend.servers.get(memberName(template, instance));
    if (server === undefined) return [];
    const { administrative, operational, sessions } = server;
    return [{ member: `${backend.name}/${server.name}`, ...instance, administrative, operational, sessions }];
  });

/** `server:port` of the members that get new requests when their backend does. */
export const servingKeys = (members: readonly MemberSeen[]): string[] =>
  members.filter((member) => member.administrative === 'enabled' && member.operational === 'up').map(instanceKey);

/** A list that stays one line long: `a, b, c and 61 more`. */
export const some = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
