import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { Registration } from './registry.ts';

const execute = promisify(execFile);
const ip = (...args: string[]) => execute('ip', args);

/** Where a machine of the lab is. */
export interface Place {
  readonly name: string;
  readonly address: string;
  readonly sshPort: number;
  /** What stands in front of a command that is to run on this machine. */
  readonly enter: readonly string[];
  /** Where its applications listen. */
  readonly listen: string;
}

export type NetworkMode = 'namespaces' | 'loopback';

/** Whether this process may make network namespaces. */
export async function namespacesAllowed(): Promise<boolean> {
  if (userInfo().uid !== 0) return false;
  const name = `fleetflip-probe-${process.pid}`;
  const made = await ip('netns', 'add', name).then(
    () => true,
    () => false,
  );
  if (made) await ip('netns', 'delete', name);
  return made;
}

/** A network with one machine per name. */
export const makeNetwork = (mode: NetworkMode, names: readonly string[], lab: Registration): Promise<Place[]> =>
  mode === 'namespaces' ? makeNamespaces(names, lab) : makeLoopback(names, lab);

/** Every machine has a network namespace of its own on a common bridge, with its own address and all ports to itself. */
async function makeNamespaces(names: readonly string[], lab: Registration): Promise<Place[]> {
  const bridge = `flip${lab.number}`;
  const subnet = `10.213.${lab.number}`;
  lab.entry.links.push(bridge);
  lab.entry.namespaces.push(...names.map((name) => `${bridge}-${name}`));
  lab.save();
  await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('address', 'add', `${subnet}.1/24`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  const places: Place[] = [];
  for (const [index, name] of names.entries()) {
    const namespace = `${bridge}-${name}`;
    const address = `${subnet}.${11 + index}`;
    await addNamespace({ namespace, bridge, link: `${bridge}v${index}`, address });
    places.push({ name, address, sshPort: 22, enter: ['ip', 'netns', 'exec', namespace], listen: '0.0.0.0' });
  }
  return places;
}

async function addNamespace(to: { namespace: string; bridge: string; link: string; address: string }): Promise<void> {
  const { namespace, bridge, link, address } = to;
  await ip('netns', 'add', namespace);
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
  await ip('link', 'set', link, 'master', bridge, 'up');
  await ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
}

/** All of 127.0.0.0/8 belongs to Linux's loopback: each machine gets an address there, and binds to nothing else. */
async function makeLoopback(names: readonly string[], lab: Registration): Promise<Place[]> {
  return names.map((name, index) => {
    const address = `127.213.${lab.number}.${11 + index}`;
    return { name, address, sshPort: 2222, enter: [], listen: address };
  });
}

/** Takes down what is left of the lab's network. */
export async function removeNetwork({ entry }: Registration): Promise<void> {
  const { stdout } = entry.namespaces.length > 0 ? await ip('netns', 'list') : { stdout: '' };
  const there = new Set(stdout.split('\n').map((line) => line.split(' ')[0]));
  for (const namespace of entry.namespaces) {
    // The kernel frees a namespace some time after its name is gone; its links are taken away now.
    if (there.has(namespace)) await ip('-n', namespace, 'link', 'delete', 'eth0').catch(() => {});
    if (there.has(namespace)) await ip('netns', 'delete', namespace);
  }
  for (const link of entry.links) await ip('link', 'delete', link).catch(() => {});
}
