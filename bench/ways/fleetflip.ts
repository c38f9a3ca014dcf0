import { deploy } from '../../lab/deploy.ts';
import type { Lab, LabOptions } from '../../lab/options.ts';
import type { LabRelease } from '../../lab/releases.ts';
import type { Spent, Way } from './way.ts';

/** The packaged action, for comparison in the same run. Its flip is what it reports, which ends when the pool is whole again. */
export const fleetflip = (strategy: LabOptions['strategy']): Way => ({
  name: `fleetflip-${strategy}`,
  what: `Fleetflip: ${strategy}`,
  lab: { strategy, by: 'pointer' },
  async begin(lab, release) {
    await flip(lab, release);
  },
  replace: (lab, { to }) => flip(lab, to),
});

async function flip(lab: Lab, release: LabRelease): Promise<Spent> {
  const began = performance.now();
  const { outputs, log, code } = await deploy(lab, release, { inputs: { 'github-token': '' } });
  if (code !== 0 || outputs['result'] !== 'flipped') throw new Error(log);
  return { wholeMs: performance.now() - began, flipMs: Number(outputs['flip-ms']) };
}
