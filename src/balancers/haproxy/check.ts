import { type Instance, instanceKey, type Pool } from '../../fleet/nouns.ts';
import type { Failure } from '../../result.ts';
import { type Backend, readBackends } from './backend.ts';
import type { Driven } from './driven.ts';
import { type PointerControl, readPointer } from './map-value.ts';
import { absent, distinctInstances, memberName, membersSeen, some } from './members.ts';
import { holdServer, type MembershipControl, readBackend, strangers } from './membership-backend.ts';
import { plain } from './replies.ts';

/** What a pointer flip needs and HAProxy does not have, one failure per fact. */
export async function checkPointer(driver: Driven<PointerControl>, pools: readonly Pool[]): Promise<Failure[]> {
  const { name, runtime, control } = driver;
  const facts: (Failure | undefined)[] = [await level(driver), await pointerFact(driver), await fileFact(driver)];
  const backends = await readBackends(runtime, [...new Set(Object.values(control.pools))]);
  if (!backends.ok) return [backends.failure];
  for (const pool of pools) {
    const wanted = control.pools[pool.name];
    const backend = backends.value.get(wanted ?? '');
    if (wanted === undefined) facts.push({ what: `no backend is configured for pool ${pool.name}`, where: name });
    else if (backend)
      facts.push(...memberFacts(name, backend, { instances: pool.instances, template: control.member }));
    else facts.push({ what: `HAProxy has no backend ${wanted} with servers (pool ${pool.name})`, where: name });
  }
  return facts.filter((fact) => fact !== undefined);
}

/** What a flip by membership needs and HAProxy does not have, one failure per fact. */
export async function checkMembership(driver: Driven<MembershipControl>, pools: readonly Pool[]): Promise<Failure[]> {
  const { name, control } = driver;
  const backend = await readBackend(driver);
  if (!backend.ok) return [backend.failure];
  const facts = [
    await level(driver),
    ...memberFacts(name, backend.value, { instances: distinctInstances(pools), template: control.member }),
  ];
  if (holdServer(backend.value) === undefined) {
    const what = `backend ${control.backend} has no hold server, so a cutover would show both versions or answer 503`;
    facts.push({ what, where: name, advice: 'add one as in docs/haproxy.md, "hold", or flip by pointer' });
  }
  return facts.filter((fact) => fact !== undefined);
}

async function level({ name, runtime }: Driven<unknown>): Promise<Failure | undefined> {
  const replies = await runtime.ask(['show cli level']);
  if (!replies.ok) return replies.failure;
  const found = plain(replies.value[0] ?? '');
  if (found === 'admin') return undefined;
  return {
    what: `the stats socket has level ${found}`,
    where: name,
    advice: 'give it "level admin" in the global section',
  };
}

async function pointerFact(driver: Driven<PointerControl>): Promise<Failure | undefined> {
  const { name, control } = driver;
  const value = await readPointer(driver);
  if (!value.ok) return value.failure;
  if (value.value === undefined) {
    const advice = `add the line "${control.key} ${Object.values(control.pools)[0] ?? '<backend>'}" to it, and reload HAProxy`;
    return { what: `the map ${control.map} has no key ${control.key}`, where: name, advice };
  }
  if (value.value === control.hold || Object.values(control.pools).includes(value.value)) return undefined;
  return { what: `${control.key} in ${control.map} is ${value.value}, which is the backend of no pool`, where: name };
}

async function fileFact({ name, access, control }: Driven<PointerControl>): Promise<Failure | undefined> {
  const script = 'file=$(readlink -f -- "$1") && [ -f "$file" ] && [ -w "$file" ] && [ -w "$(dirname -- "$file")" ]';
  const tried = await access.run({ script, args: [control.map], deadlineMs: 5_000 });
  if (!tried.ok) return tried.failure;
  if (tried.value.code === 0) return undefined;
  const advice = 'the user of the connection needs write access to the file and its folder: a reload reads it again';
  return { what: `the map file ${control.map} cannot be replaced`, where: name, advice };
}

interface Expected {
  readonly instances: readonly Instance[];
  readonly template: string;
}

function memberFacts(name: string, backend: Backend, { instances, template }: Expected): Failure[] {
  const facts: Failure[] = [];
  const lacking = absent(backend, instances, template);
  if (lacking.length > 0) facts.push({ what: `backend ${backend.name} lacks ${some(lacking)}`, where: name });
  const members = membersSeen(backend, instances, template).map(({ member }) => member);
  const others = strangers(backend, members);
  if (others.length > 0) facts.push({ what: `backend ${backend.name} also serves from ${some(others)}`, where: name });
  const misled = instances.flatMap((instance) => addressFact(backend, instance, template));
  if (misled.length > 0) facts.push({ what: `backend ${backend.name}: ${some(misled)}`, where: name });
  const shared = sharedAddresses(backend, instances, template);
  if (shared.length > 0)
    facts.push({ what: `backend ${backend.name}: ${some(shared)} lead to one address`, where: name });
  return facts;
}

function addressFact(backend: Backend, instance: Instance, template: string): string[] {
  const server = backend.servers.get(memberName(template, instance));
  return server && server.port !== instance.port ? [`${server.name} leads to port ${server.port}`] : [];
}

/** `web-1-8001 = web-2-8001` for members that HAProxy sends to the same place. */
function sharedAddresses(backend: Backend, instances: readonly Instance[], template: string): string[] {
  const first = new Map<string, string>();
  return instances.flatMap((instance) => {
    const server = backend.servers.get(memberName(template, instance));
    if (server === undefined) return [];
    const address = instanceKey({ server: server.address, port: server.port });
    const other = first.get(address);
    first.set(address, server.name);
    return other === undefined ? [] : [`${other} = ${server.name}`];
  });
}
