import { describe, expect, it } from 'vitest';
import { type Limit, limitOf } from '../../../src/servers/ssh/limit.ts';

/** Enters and tells so in `log`. */
const enter = async (limit: Limit, log: string[], name: string) => {
  const leave = await limit.enter();
  log.push(name);
  return leave;
};

describe('a limit', () => {
  it('lets in as many as it has places, then in the order they came', async () => {
    const limit = limitOf(2);
    const log: string[] = [];
    const [leaveA] = await Promise.all([enter(limit, log, 'a'), enter(limit, log, 'b')]);
    const c = enter(limit, log, 'c');
    const d = enter(limit, log, 'd');
    expect(log).toEqual(['a', 'b']);
    leaveA();
    leaveA();
    await c;
    expect(log).toEqual(['a', 'b', 'c']);
    (await c)();
    await d;
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('forgets who gave up waiting', async () => {
    const limit = limitOf(1);
    const log: string[] = [];
    const leave = await limit.enter();
    const patience = new AbortController();
    const impatient = limit.enter(patience.signal);
    const patient = enter(limit, log, 'patient');
    patience.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    await expect(limit.enter(patience.signal)).rejects.toThrow('enough');
    leave();
    await patient;
    expect(log).toEqual(['patient']);
  });

  it('is lowered to those inside but one, and never to nothing', async () => {
    const limit = limitOf(8);
    const log: string[] = [];
    const leave = await limit.enter();
    expect(limit.lower()).toBe(false);
    const leaveRefused = await limit.enter();
    expect(limit.lower()).toBe(true);
    leaveRefused();
    const next = enter(limit, log, 'next');
    await Promise.resolve();
    expect(log).toEqual([]);
    leave();
    await next;
    expect(log).toEqual(['next']);
  });
});
