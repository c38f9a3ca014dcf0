import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabOptions } from '../../lab/options.ts';
import type { LabRelease } from '../../lab/releases.ts';
import { openScene, type Scene, unharmed } from './stage.ts';

const ways: readonly (Partial<LabOptions> & { ends: string })[] = [
  { strategy: 'blue-green', by: 'pointer', ends: 'failed' },
  { strategy: 'swap', by: 'pointer', ends: 'rolled-back' },
  { strategy: 'swap', by: 'membership', ends: 'rolled-back' },
];

describe.each(ways)('$strategy by $by, when it goes wrong', ({ ends, ...options }) => {
  let scene: Scene;
  let good: LabRelease;
  beforeAll(async () => {
    scene = await openScene(options);
    good = await scene.release('1');
    const first = await scene.quietly(good);
    expect(first.outputs['result'], first.log).toBe('flipped');
  });
  afterAll(() => scene?.close());

  /** Whatever happened, users are on the good release and saw nothing, and the report says so. */
  const stillGood = async (bad: LabRelease, word: string, run: Parameters<Scene['watched']>[1] = {}) => {
    const { result, users } = await scene.watched(bad, run);
    expect(result.outputs['result'], result.log).toBe(word);
    expect(result.code).toBe(1);
    expect(users).toMatchObject(unharmed);
    expect(users.firstNewAt).toBeUndefined();
    const after = await scene.quietly(good);
    expect(after.outputs['result'], after.log).toBe('unchanged');
    return result;
  };

  it('keeps the old release when the new one does not start', async () => {
    const result = await stillGood(await scene.release('2', { broken: true }), ends);
    expect(result.log).toMatch(/web-1/);
  });

  it('keeps the old release when the new one starts sick', async () => {
    const sick = await scene.release('3', { sick: true });
    const result = await stillGood(sick, ends);
    expect(result.log).toMatch(/500/);
  });

  it('talks to no server that does not prove who it is', async () => {
    const forged = scene.lab.ssh.knownHosts.replaceAll(/\S{4}$/gm, 'AAAA');
    const bad = await scene.release('4');
    const result = await stillGood(bad, 'failed', { inputs: { 'known-hosts': forged } });
    expect(result.log).toMatch(/host key|known-hosts/i);
    expect(result.outputs['flip-ms']).toBe('');
  });

  it('refuses a source that lost most of its files', async () => {
    const result = await stillGood(await scene.release('5', { files: 2, bytes: 100 }), 'failed');
    expect(result.log).toContain('live release has');
  });

  it('refuses when another plan was approved', async () => {
    const result = await stillGood(await scene.release('6'), 'failed', { inputs: { 'expect-plan': 'a'.repeat(64) } });
    expect(result.log).toContain('since the plan was approved');
  });
});
