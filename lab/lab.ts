import { resolve } from 'node:path';
import { startLabCdn } from './cdn.ts';
import { startDebianLab } from './debian.ts';
import { startEmbeddedLab } from './embedded/lab.ts';
import { type Lab, type LabOptions, labDefaults } from './options.ts';

/** Brings up a fleet on this machine: everything that writes, writes below `dir`; `stop` ends everything. */
export async function startLab(wanted: Partial<LabOptions> & { dir: string }): Promise<Lab> {
  const options: LabOptions = { ...labDefaults, ...wanted, dir: resolve(wanted.dir) };
  const { mode, by, balancers } = options;
  if (mode === 'embedded' && (by === 'membership' || balancers > 1)) {
    throw new Error('the embedded lab has one balancer, moved by pointer');
  }
  const start = (cdn?: object) =>
    mode === 'embedded' ? startEmbeddedLab(options, cdn) : startDebianLab(options, mode, cdn);
  if (!options.cdn) return start();
  const cdn = await startLabCdn();
  const lab = await start(cdn.section).catch(async (error) => {
    await cdn.close();
    throw error;
  });
  const stop = async () => {
    await lab.stop();
    await cdn.close();
  };
  return { ...lab, environment: cdn.environment, cdn, stop };
}
