import type { Lab, LabHost } from '../../lab/options.ts';
import type { LabRelease } from '../../lab/releases.ts';
import { type LabSlot, slotsOf } from '../../lab/slots.ts';
import { supervisorGroup } from '../../lab/supervisord.ts';
import { placeRelease, startSlot } from '../../test/contract/lab/by-hand.ts';
import { allAnswer, allUp } from '../settled.ts';
import { execute, type SshClient, sshClient } from './ssh-client.ts';
import { type Change, type Spent, timed, type Way } from './way.ts';

/** A way that knows nothing of Fleetflip, on servers with one slot. */
export interface Recipe extends Pick<Way, 'name' | 'what'>, Required<Pick<Way, 'needs'>> {
  /**
   * Puts `to` live everywhere; calls `touched` when the first instance is about to be taken out or restarted.
   * Resolves to the milliseconds that copying took.
   */
  run(scene: Scene, touched: () => void): Promise<number>;
}

export interface Scene extends Change {
  readonly lab: Lab;
  readonly slot: LabSlot;
  readonly client: SshClient;
}

/** Its flip ends when every instance has answered as the new release, whatever is left to be done then. */
export const byHand = ({ name, what, needs, run }: Recipe): Way => ({
  name,
  what,
  needs,
  // One pool of all members, as anybody has; by membership the lab's balancer would hold what finds no server.
  lab: { strategy: 'swap', by: 'pointer' },
  begin,
  replace: (lab, change) => replace(lab, change, run),
});

async function begin(lab: Lab, release: LabRelease): Promise<void> {
  const slot = onlySlot(lab);
  const [firstPort = Number.NaN] = slot.ports;
  await Promise.all(
    lab.servers.map(async (server) => {
      await placeRelease(server, release, slot.name);
      await startSlot(server, { slot: slot.name, firstPort, release: release.id });
    }),
  );
  await allUp(lab);
}

async function replace(lab: Lab, change: Change, run: Recipe['run']): Promise<Spent> {
  const scene = { ...change, lab, slot: onlySlot(lab), client: await sshClient(lab) };
  const spent = await measure(scene, run);
  // A file that a way took for unchanged would make it look quicker than it is.
  for (const server of lab.servers) await execute('diff', ['-rq', change.to.source, releaseFolder(server, change.to)]);
  await allUp(lab);
  return spent;
}

async function measure(scene: Scene, run: Recipe['run']): Promise<Spent> {
  const giveUp = new AbortController();
  let flip: Promise<number> | undefined;
  const touched = () => {
    flip ??= timed(() => allAnswer(scene, giveUp.signal));
    // Awaited below, unless the way fails before.
    flip.catch(() => {});
  };
  let deadline: NodeJS.Timeout | undefined;
  try {
    const began = performance.now();
    const copyMs = await run(scene, touched);
    if (flip === undefined) throw new Error('nothing was touched');
    deadline = setTimeout(() => giveUp.abort(`some instances never answer as ${scene.to.id}`), 30_000);
    const flipMs = await flip;
    return { wholeMs: performance.now() - began, copyMs, flipMs };
  } finally {
    clearTimeout(deadline);
    giveUp.abort();
  }
}

function onlySlot({ options }: Lab): LabSlot {
  const [slot] = slotsOf(options);
  if (slot === undefined) throw new Error('a lab without a slot');
  return slot;
}

export const shopOf = (server: LabHost): string => `${server.folder}/shop`;

export const releaseFolder = (server: LabHost, { id }: LabRelease): string => `${shopOf(server)}/releases/${id}`;

/** Makes a release live that is on the server: points at it and restarts everything. */
export async function switchOver(server: LabHost, { client, slot, to }: Scene): Promise<void> {
  await client.run(server, ['ln', '-sfn', `releases/${to.id}`, `${shopOf(server)}/${slot.name}`]);
  const configuration = `${server.folder}/supervisord.conf`;
  await client.run(server, ['supervisorctl', '-c', configuration, 'restart', `${supervisorGroup(slot.name)}:*`]);
}
