import { expect, test } from 'vitest';
import { startClock } from '../../src/rollout/clock.ts';
import { fakeClock } from '../support/fake-clock.ts';

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('starts at zero and never goes back', async () => {
  const clock = startClock();
  const times = [clock.now()];
  for (let round = 0; round < 50; round += 1) times.push(clock.now());
  expect(times[0]).toBeGreaterThanOrEqual(0);
  expect(times).toEqual([...times].sort((one, other) => one - other));
});

test('sleeps no shorter than asked', async () => {
  const clock = startClock();
  const start = clock.now();
  await clock.sleep(20);
  // Timers count whole milliseconds.
  expect(clock.now() - start).toBeGreaterThanOrEqual(19);
});

test('a sleep ends with its signal and leaves no listener and no timer behind', async () => {
  const clock = startClock();
  const controller = new AbortController();
  const before = timers();
  const sleep = clock.sleep(3_600_000, controller.signal);
  controller.abort();
  await sleep;
  await clock.sleep(3_600_000, controller.signal);
  expect(timers()).toBe(before);
});

test('a sleep whose end has passed already ends at once, without a warning', async () => {
  const warnings: string[] = [];
  const warned = (warning: Error) => warnings.push(warning.name);
  process.on('warning', warned);
  await startClock().sleep(-1);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

test('a sleep longer than a timer can count does not end at once', async () => {
  const clock = startClock();
  const controller = new AbortController();
  let ended = false;
  const sleep = clock.sleep(2 ** 40, controller.signal).then(() => {
    ended = true;
  });
  await clock.sleep(20);
  expect(ended).toBe(false);
  controller.abort();
  await sleep;
});

test('the fake clock wakes sleepers in the order of their times', async () => {
  const clock = fakeClock();
  const woken: string[] = [];
  void clock.sleep(30).then(() => woken.push(`b at ${clock.now()}`));
  void clock.sleep(10).then(async () => {
    woken.push(`a at ${clock.now()}`);
    await clock.sleep(5);
    woken.push(`c at ${clock.now()}`);
  });
  await clock.advance(29);
  expect(woken).toEqual(['a at 10', 'c at 15']);
  await clock.advance(1);
  expect(woken).toEqual(['a at 10', 'c at 15', 'b at 30']);
});
