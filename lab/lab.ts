import { resolve } from 'node:path';
import { startDebianLab } from './debian.ts';
import { startEmbeddedLab } from './embedded/lab.ts';
import { type Lab, type LabOptions, labDefaults } from './options.ts';

/** Brings up a fleet on this machine: everything that writes, writes below `dir`; `stop` ends everything. */
export async function startLab(wanted: Partial<LabOptions> & { dir: string }): Promise<Lab> {
  const options: LabOptions = { ...labDefaults, ...wanted, dir: resolve(wanted.dir) };
  if (options.mode === 'embedded' && (options.by === 'membership' || options.balancers > 1)) {
    throw new Error('the embedded lab has one balancer, moved by pointer');
  }
  return options.mode === 'embedded' ? startEmbeddedLab(options) : startDebianLab(options, options.mode);
}
