import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabOptions } from '../../lab/options.ts';
import type { LabRelease } from '../../lab/releases.ts';
import { openScene, type Scene, unharmed } from './stage.ts';

const ways: readonly Partial<LabOptions>[] = [
  { strategy: 'blue-green', by: 'pointer' },
  { strategy: 'blue-green', by: 'membership' },
  { strategy: 'swap', by: 'pointer' },
  { strategy: 'swap', by: 'membership' },
  { strategy: 'blue-green', by: 'pointer', balancers: 2 },
  { strategy: 'swap', by: 'pointer', balancers: 2 },
  { strategy: 'blue-green', by: 'pointer', apart: true },
];

/** One story per way, told in order: each chapter starts from where the last one left the fleet. */
describe.each(ways)('$strategy by $by, balancers: $balancers, clusters: $apart', (options) => {
  let scene: Scene;
  let one: LabRelease;
  let two: LabRelease;
  beforeAll(async () => {
    scene = await openScene(options);
    one = await scene.release('1');
    two = await scene.release('2', { like: one });
  });
  afterAll(() => scene?.close());

  it('starts empty servers', async () => {
    const result = await scene.quietly(one);
    expect(result.outputs, result.log).toMatchObject({ result: 'flipped', release: one.id, 'previous-release': '' });
    expect(result.code).toBe(0);
  });

  it('flips to a release with the same sizes and times but other content, and no user is harmed', async () => {
    const { result, users } = await scene.watched(two);
    expect(result.outputs, result.log).toMatchObject({
      result: 'flipped',
      release: two.id,
      'previous-release': one.id,
      'failed-requests': '0',
      'mixed-ms': '0',
    });
    expect(users).toMatchObject(unharmed);
    expect(users.firstNewAt).toBeDefined();
    expect(Number(result.outputs['flip-ms'])).toBeGreaterThanOrEqual(Number(result.outputs['cutover-ms']));
  });

  it('leaves a fleet alone that has the release already', async () => {
    const { result, users } = await scene.watched(two);
    expect(result.outputs, result.log).toMatchObject({ result: 'unchanged', release: two.id, 'flip-ms': '' });
    expect(users).toMatchObject(unharmed);
  });

  it('shows a plan and changes nothing', async () => {
    const three = await scene.release('3');
    const { result, users } = await scene.watched(three, { inputs: { command: 'plan' } });
    expect(result.outputs, result.log).toMatchObject({ result: 'planned', 'flip-ms': '' });
    expect(result.outputs['plan-hash']).toMatch(/^[0-9a-f]{64}$/);
    expect(result.log).toContain('cut over');
    expect(users).toMatchObject(unharmed);
    expect(users.firstNewAt).toBeUndefined();
  });

  it('rolls back to the release before, with the servers alone', async () => {
    const { result, users } = await scene.watched(one, { inputs: { command: 'rollback', source: '', release: '' } });
    expect(result.outputs, result.log).toMatchObject({
      result: 'flipped',
      release: one.id,
      'previous-release': two.id,
    });
    expect(users).toMatchObject(unharmed);
    expect(users.firstNewAt).toBeDefined();
  });

  it('says what is true', async () => {
    const result = await scene.quietly(one, { inputs: { command: 'status', source: '', release: '' } });
    expect(result.code, result.log).toBe(0);
    expect(result.log).toContain('web-1');
    expect(result.log).toContain('8 of 8 ready');
  });
});
