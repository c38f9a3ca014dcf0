import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createChannel, type Verdict } from '../../src/github/channel.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function recorded(verdicts: Verdict[], takesMs = 10) {
  const writes: number[] = [];
  const start = performance.now();
  const write = async (): Promise<Verdict> => {
    writes.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    return verdicts.shift() ?? { next: 'done' };
  };
  return { writes, channel: createChannel({ write, everyMs: 5_000 }) };
}

describe('a channel', () => {
  it('makes one write of many changes, and the next in its turn', async () => {
    const { writes, channel } = recorded([]);
    for (let change = 0; change < 100; change += 1) channel.poke();
    await vi.advanceTimersByTimeAsync(1_000);
    channel.poke();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(writes).toEqual([0, 5_000]);
  });

  it('writes again what changed while it was writing', async () => {
    const { writes, channel } = recorded([], 6_000);
    channel.poke();
    await vi.advanceTimersByTimeAsync(1_000);
    channel.poke();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(writes).toEqual([0, 6_000]);
  });

  it('does not let the last word wait for its turn', async () => {
    const { writes, channel } = recorded([]);
    channel.poke();
    await vi.advanceTimersByTimeAsync(100);
    channel.finish();
    const settled = channel.settle(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await settled).toBe(true);
    expect(writes).toEqual([0, 100]);
  });

  it('waits for a limit, the last word too', async () => {
    const { writes, channel } = recorded([{ next: 'again', afterMs: 7_000 }]);
    channel.poke();
    await vi.advanceTimersByTimeAsync(100);
    channel.finish();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(writes).toEqual([0, 7_010]);
  });

  it('gives up at once what a limit puts out of reach', async () => {
    const { channel } = recorded([{ next: 'again', afterMs: 60_000 }]);
    channel.poke();
    await vi.advanceTimersByTimeAsync(100);
    const before = performance.now();
    expect(await channel.settle(5_000)).toBe(false);
    expect(performance.now()).toBe(before);
  });

  it('waits no longer than it may for an answer', async () => {
    const { channel } = recorded([], 60_000);
    channel.poke();
    const settled = channel.settle(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await settled).toBe(false);
  });

  it('stays silent after a stop', async () => {
    const { writes, channel } = recorded([{ next: 'stop' }]);
    channel.poke();
    await vi.advanceTimersByTimeAsync(100);
    channel.poke();
    channel.finish();
    expect(await channel.settle(1_000)).toBe(true);
    expect(writes).toEqual([0]);
  });
});
