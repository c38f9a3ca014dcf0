import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabOptions } from '../../lab/options.ts';
import type { LabRelease } from '../../lab/releases.ts';
import { summarise } from '../../lab/traffic-records.ts';
import { openScene, type Scene, unharmed } from '../acceptance/stage.ts';

/** Moments by what the log says when they begin. Each is cut off twice: cancelled as GitHub's runner does, and killed. */
const moments = {
  'blue-green': [/▸ copy and verify/, /▸ restart/, /▸ wait for/, /▸ cut over/, /▸ let pool/],
  swap: [
    /▸ copy and verify/,
    /▸ send users to pool/,
    /▸ restart/,
    /▸ wait for/,
    /▸ cut over/,
    /⚡ cutover[\s\S]*▸ restart/,
    /⚡ cutover[\s\S]*▸ wait for/,
  ],
} as const;

const ways: readonly (Partial<LabOptions> & { strategy: 'blue-green' | 'swap' })[] = [
  { strategy: 'blue-green', by: 'pointer' },
  { strategy: 'swap', by: 'pointer' },
  { strategy: 'swap', by: 'membership' },
];

describe.each(ways)('$strategy by $by, cut off in the middle', (options) => {
  let scene: Scene;
  let first: LabRelease;
  let turn = 0;
  beforeAll(async () => {
    scene = await openScene({ ...options, startDelayMs: 200 });
    first = await scene.release('1');
    const started = await scene.quietly(first);
    expect(started.outputs['result'], started.log).toBe('flipped');
  });
  afterAll(() => scene?.close());

  const cases = moments[options.strategy].flatMap((moment) => [
    ['cancelled', moment] as const,
    ['killed', moment] as const,
  ]);

  it.each(cases)('%s at %s: the next run finishes it, and no user was harmed by either', async (how, moment) => {
    // A new one each time: a slot that is warm from an earlier turn would not be restarted.
    const next = await scene.release('23456789abcdef'[turn++] ?? '0', { like: first });
    const stop = new AbortController();
    let log = '';
    const traffic = scene.lab.startTraffic();
    expect(await traffic.answered).toBe(true);
    const cut = await scene.quietly(next, {
      [how === 'killed' ? 'vanish' : 'cancel']: stop.signal,
      onOutput: (text) => {
        log += text;
        if (moment.test(log)) stop.abort();
      },
    });
    expect(stop.signal.aborted, cut.log).toBe(true);
    if (how === 'cancelled') expect(['cancelled', 'flipped']).toContain(cut.outputs['result']);
    const repaired = await scene.quietly(next);
    const users = summarise(await traffic.stop(), next.id);
    expect(['flipped', 'unchanged'], repaired.log).toContain(repaired.outputs['result']);
    expect(users).toMatchObject({ failed: unharmed.failed, samples: [] });
    if (how === 'killed') expect(users.mixed).toBe(0);
    const status = await scene.quietly(next, { inputs: { command: 'status', source: '', release: '' } });
    expect(status.outputs['release'], status.log).toBe(next.id);
    if (options.strategy === 'swap') expect(status.log).not.toMatch(/idle|[0-7] of 8 ready/);
  });
});
