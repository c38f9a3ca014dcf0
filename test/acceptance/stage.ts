import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bestMode } from '../../lab/arguments.ts';
import { deploy, type Run } from '../../lab/deploy.ts';
import { startLab } from '../../lab/lab.ts';
import type { Lab, LabOptions } from '../../lab/options.ts';
import type { LabRelease, ReleaseOptions } from '../../lab/releases.ts';
import type { ActionResult } from '../../lab/runner/run-action.ts';
import { summarise, type TrafficSummary } from '../../lab/traffic-records.ts';

/** A lab with the packaged action in front of it, and users at work whenever something is deployed. */
export interface Scene {
  readonly lab: Lab;
  release(digit: string, options?: ReleaseOptions): Promise<LabRelease>;
  /** A deploy that users do not watch, e.g. the first. */
  quietly(release: LabRelease, run?: Run): Promise<ActionResult>;
  /** A deploy under traffic. */
  watched(release: LabRelease, run?: Run): Promise<{ readonly result: ActionResult; readonly users: TrafficSummary }>;
  close(): Promise<void>;
}

/** A commit SHA that a person can tell from others. */
export const commit = (digit: string): string => digit.repeat(40);

/** Nobody to report to, so that nothing is waited for. */
const alone = { 'github-token': '' };

/** Small enough for a few to run one after another, large enough that order matters. */
const small = { servers: 4, instances: 8, startDelayMs: 100 } as const;

export async function openScene(options: Partial<LabOptions>): Promise<Scene> {
  const dir = await mkdtemp(join(tmpdir(), 'ff-'));
  const lab = await startLab({ dir, mode: await bestMode(), ...small, ...options });
  const quietly = (release: LabRelease, run: Run = {}) =>
    deploy(lab, release, { ...run, inputs: { ...alone, ...run.inputs } });
  return {
    lab,
    release: (digit, making) => lab.makeRelease(commit(digit), making),
    quietly,
    async watched(release, run = {}) {
      const traffic = lab.startTraffic();
      expect(await traffic.answered).toBe(true);
      const result = await quietly(release, run);
      return { result, users: summarise(await traffic.stop(), release.id) };
    },
    async close() {
      await lab.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Zero means zero. */
export const unharmed = { failed: 0, mixed: 0, samples: [] };
