import { resolve } from 'node:path';
import { startDebianLab } from './debian.ts';
import { type Lab, type LabOptions, labDefaults } from './options.ts';

/** Brings up a fleet on this machine: everything that writes, writes below `dir`; `stop` ends everything. */
export async function startLab(wanted: Partial<LabOptions> & { dir: string }): Promise<Lab> {
  const options: LabOptions = { ...labDefaults, ...wanted, dir: resolve(wanted.dir) };
  if (options.mode === 'embedded') throw new Error('not there yet');
  return startDebianLab(options, options.mode);
}
