import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabCdn } from '../../lab/cdn.ts';
import type { LabRelease } from '../../lab/releases.ts';
import { openScene, type Scene, unharmed } from './stage.ts';

describe('the CDN step of a deploy', () => {
  let scene: Scene;
  let cdn: LabCdn;
  let first: LabRelease;
  beforeAll(async () => {
    scene = await openScene({ strategy: 'blue-green', cdn: true });
    if (scene.lab.cdn === undefined) throw new Error('a lab without a CDN');
    cdn = scene.lab.cdn;
    first = await scene.release('1');
    const result = await scene.quietly(first);
    expect(result.outputs['result'], result.log).toBe('flipped');
  });
  afterAll(() => scene?.close());

  it('sends what is missing before the flip, and purges twice after it', async () => {
    const before = cdn.fastly.purges.length;
    const next = await scene.release('2', { like: first, changed: 3 });
    const { result, users } = await scene.watched(next);
    expect(result.outputs['result'], result.log).toBe('flipped');
    expect(result.log).toMatch(/3 files sent .*17 unchanged/);
    expect(cdn.fastly.purges.length - before).toBe(2);
    expect(users).toMatchObject(unharmed);
  });

  it('changes nothing when the upload fails', async () => {
    cdn.s3.faults.refuse = { times: 1000, status: 403, code: 'AccessDenied', method: 'PUT' };
    const { result, users } = await scene.watched(await scene.release('3'));
    cdn.s3.faults.refuse = undefined;
    expect(result.code, result.log).toBe(1);
    expect(result.outputs).toMatchObject({ result: 'failed', 'flip-ms': '' });
    expect(result.log).toContain('AccessDenied');
    expect(users).toMatchObject(unharmed);
    expect(users.firstNewAt).toBeUndefined();
  });

  it('stays flipped when the purge fails, and says so', async () => {
    cdn.fastly.faults.refuse = { times: 1000, status: 403 };
    const { result, users } = await scene.watched(await scene.release('4'));
    cdn.fastly.faults.refuse = undefined;
    expect(result.outputs['result'], result.log).toBe('flipped');
    expect(result.code).toBe(0);
    expect(result.log).toMatch(/warning.*Fastly/i);
    expect(users).toMatchObject(unharmed);
  });
});
