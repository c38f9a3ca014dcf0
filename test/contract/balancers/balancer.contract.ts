import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Balancer } from '../../../src/balancers/port.ts';
import { instanceKey, type Pool } from '../../../src/fleet/nouns.ts';
import type { Result } from '../../../src/result.ts';
import { startTraffic } from './rig/processes.ts';

/** A balancer in front of running instances: those of `blue` are live, every instance answers with the name of its pool. */
export interface Subject {
  readonly balancer: Balancer;
  readonly blue: Pool;
  readonly green: Pool;
  readonly entrance: { readonly address: string; readonly port: number };
  close(): Promise<void>;
}

export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.failure.where}: ${result.failure.what}\n${result.failure.detail ?? ''}`);
}

const never = new AbortController().signal;

/** The release that answers a request of `delay` milliseconds. */
export const ask = ({ address, port }: Subject['entrance'], delay = 0) =>
  new Promise<string>((resolve, reject) => {
    const sent = get({ host: address, port, path: `/?delay=${delay}`, agent: false }, (answer) => {
      text(answer).then(
        (body) => resolve(answer.statusCode === 200 ? body.trim() : `status ${answer.statusCode}`),
        reject,
      );
    });
    sent.once('error', reject);
  });

const askMany = async (entrance: Subject['entrance'], times = 40) =>
  new Set(await Promise.all(Array.from({ length: times }, () => ask(entrance))));

/** Polls until the condition holds; the answer is whether it did within 5 s. */
export async function eventually(condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + 5_000;
  while (performance.now() < deadline) {
    if (await condition()) return true;
    await sleep(10);
  }
  return false;
}

/** What every driver that can hold has to do, whatever product is behind it. */
export function balancerContract(product: string, start: () => Promise<Subject>): void {
  describe(product, () => {
    let subject: Subject;
    let pools: readonly Pool[];

    beforeAll(async () => {
      subject = await start();
      pools = [subject.blue, subject.green];
      unwrap(await subject.balancer.open());
    });
    afterAll(async () => {
      await subject?.balancer.close();
      await subject?.close();
    });

    test('misses nothing in the shipped configuration', async () => {
      expect(await subject.balancer.check(pools)).toEqual([]);
    });

    test('names the members that the balancer lacks', async () => {
      const { blue, green } = subject;
      const more = { ...blue, instances: [...blue.instances, { server: 'web-9', port: 8001 }] };
      const failures = await subject.balancer.check([more, green]);
      expect(failures).toHaveLength(1);
      expect(failures[0]?.what).toMatch(/web-9.8001/);
      expect(failures[0]?.where).toBe(subject.balancer.name);
    });

    test('observes the live pool and every member', async () => {
      const seen = unwrap(await subject.balancer.observe(pools));
      expect(seen).toMatchObject({ balancer: subject.balancer.name, live: 'blue', held: false });
      expect(new Set(seen.serving)).toEqual(new Set(subject.blue.instances.map(instanceKey)));
      expect(seen.members).toHaveLength(subject.blue.instances.length + subject.green.instances.length);
    });

    test('sends every new request to the pool it was told, also when told twice', async () => {
      for (const pool of [subject.green, subject.green, subject.blue]) {
        const receipt = unwrap(await subject.balancer.apply(pool, pools));
        expect(receipt.ms).toBeGreaterThanOrEqual(receipt.batchMs);
        expect(await askMany(subject.entrance)).toEqual(new Set([pool.name]));
        expect(unwrap(await subject.balancer.observe(pools)).live).toBe(pool.name);
      }
    });

    test('loses no request and mixes no versions under traffic', async () => {
      const { address, port } = subject.entrance;
      const traffic = await startTraffic({ address, ports: [port], users: 24, thinkMs: 2 });
      try {
        for (const pool of [subject.green, subject.blue, subject.green, subject.blue, subject.green, subject.blue]) {
          await traffic.expect(pool.name);
          unwrap(await subject.balancer.apply(pool, pools));
          expect(await eventually(async () => (await traffic.report()).expected > 200)).toBe(true);
          expect(await traffic.report()).toMatchObject({ failed: 0, mixed: 0 });
        }
      } finally {
        await traffic.close();
      }
    });

    test('makes requests wait while held, and sends them to the new pool', async () => {
      expect(subject.balancer.traits.hold).toBe(true);
      unwrap(await subject.balancer.hold(pools));
      const waiting = ask(subject.entrance);
      expect(unwrap(await subject.balancer.observe(pools))).toMatchObject({ held: true, serving: [] });
      expect(await Promise.race([waiting, sleep(40, 'waits')])).toBe('waits');
      unwrap(await subject.balancer.apply(subject.green, pools));
      expect(await waiting).toBe('green');
      unwrap(await subject.balancer.apply(subject.blue, pools));
    });

    test('counts the requests that a pool which was left is busy with', async () => {
      const slow = ask(subject.entrance, 600);
      const busy = async () => unwrap(await subject.balancer.busy(subject.blue));
      expect(await eventually(async () => (await busy()) > 0)).toBe(true);
      unwrap(await subject.balancer.apply(subject.green, pools));
      expect(await busy()).toBe(1);
      expect(await slow).toBe('blue');
      expect(await eventually(async () => (await busy()) === 0)).toBe(true);
      unwrap(await subject.balancer.apply(subject.blue, pools));
    });

    test('admits members that are up at once', async () => {
      unwrap(await subject.balancer.admit(subject.green, 1_000, never));
      unwrap(await subject.balancer.admit(subject.blue, 1_000, never));
    });
  });
}
