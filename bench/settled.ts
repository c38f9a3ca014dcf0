import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../lab/options.ts';
import type { LabRelease } from '../lab/releases.ts';
import type { LabSlot } from '../lab/slots.ts';

interface Expected {
  readonly lab: Lab;
  readonly slot: LabSlot;
  readonly to: LabRelease;
}

/** Resolves when every instance has answered as the release. One at a time is asked, so that asking costs next to nothing. */
export async function allAnswer({ lab, slot, to }: Expected, signal: AbortSignal): Promise<void> {
  for (const { address } of lab.servers) {
    for (const port of slot.ports) {
      while ((await releaseAt(address, port)) !== to.id) await delay(5, undefined, { signal });
    }
  }
}

const releaseAt = (host: string, port: number): Promise<unknown> =>
  new Promise((resolve) => {
    const sent = get({ host, port, path: '/healthz', agent: false }, (response) => {
      response.resume().once('error', () => resolve(undefined));
      response.once('end', () => resolve(response.headers['x-release']));
    });
    sent.once('error', () => resolve(undefined));
  });

/** Resolves when HAProxy has every member back: only then is an outage over. */
export async function allUp({ balancers }: Lab): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const states = (await Promise.all(balancers.map(({ control }) => memberStates(control)))).flat();
    const others = states.filter((state) => state !== 'UP');
    if (others.length === 0) return;
    if (performance.now() > deadline) throw new Error(`${others.length} members are ${[...new Set(others)]}`);
    await delay(50);
  }
}

/** Column 17 of `show stat` is the state; type 4 are members (HAProxy management guide, 9.1). */
async function memberStates(socketPath: string): Promise<string[]> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  socket.write('show stat -1 4 -1\n');
  const lines = (await text(socket)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',')[17]?.replace(/ \(via .*\)$/, '') ?? '');
}
