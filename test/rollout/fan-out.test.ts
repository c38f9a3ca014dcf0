import { expect, it } from 'vitest';
import { fail, ok, type Result } from '../../src/result.ts';
import { onEach } from '../../src/rollout/fan-out.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { simulate } from '../support/simulated-fleet.ts';

const servers = ['web-1', 'web-2', 'web-3'];

function setting() {
  const clock = fakeClock();
  const { world, happenings } = simulate({
    slots: [{ name: 'current', servers, ports: [8001] }],
    release: 'old',
    live: 'all',
    wanted: 'new',
  });
  const each = (names: readonly string[], answer: (name: string) => Promise<Result<string | undefined>>) =>
    onEach({ ...world, clock }, { step: '4', servers: names }, (host) => answer(host.name));
  return { clock, each, happenings };
}

it('works on the named servers at the same time, and tells of each when it is through', async () => {
  const { clock, each, happenings } = setting();
  const pauses: Record<string, number> = { 'web-1': 30, 'web-3': 10 };
  const done = each(['web-1', 'web-3'], async (name) => {
    await clock.sleep(pauses[name] ?? 0);
    return ok(name === 'web-1' ? 'slow' : undefined);
  });
  await clock.advance(30);
  expect(await done).toEqual(ok({}));
  expect(happenings).toEqual([
    { type: 'server-step', step: '4', server: 'web-3', ms: 10 },
    { type: 'server-step', step: '4', server: 'web-1', ms: 30, note: 'slow' },
  ]);
});

it('lets the others finish when one fails, because their state has to be known', async () => {
  const { clock, each, happenings } = setting();
  const failure = { what: 'disk full', where: 'web-1' };
  const done = each(servers, async (name) => {
    if (name === 'web-1') return fail(failure);
    await clock.sleep(50);
    return ok(undefined);
  });
  await clock.advance(50);
  expect(await done).toEqual(fail(failure));
  expect(happenings).toHaveLength(3);
});

it('names every server that failed', async () => {
  const failed = await setting().each(servers, async (name) =>
    name === 'web-2' ? ok(undefined) : fail({ what: `${name} is in trouble`, where: name }),
  );
  const text = JSON.stringify(failed);
  expect(failed.ok).toBe(false);
  expect(text).toContain('web-1 is in trouble');
  expect(text).toContain('web-3 is in trouble');
  expect(text).not.toContain('web-2');
});
