import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabRelease } from '../../lab/releases.ts';
import { openScene, type Scene, unharmed } from './stage.ts';

/** What the original users run: Tornado processes under supervisord. Heavy, so there are few of them. */
describe.each(['blue-green', 'swap'] as const)('a Tornado application by %s', (strategy) => {
  let scene: Scene;
  let one: LabRelease;
  beforeAll(async () => {
    scene = await openScene({ strategy, app: 'tornado', servers: 2, instances: 2 });
    one = await scene.release('1');
    const result = await scene.quietly(one);
    expect(result.outputs['result'], result.log).toBe('flipped');
  });
  afterAll(() => scene?.close());

  it('is flipped, and no user is harmed', async () => {
    const { result, users } = await scene.watched(await scene.release('2', { like: one }));
    expect(result.outputs['result'], result.log).toBe('flipped');
    expect(users).toMatchObject(unharmed);
    expect(users.firstNewAt).toBeDefined();
  });
});
