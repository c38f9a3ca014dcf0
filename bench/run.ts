import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { benchPackages, installPackages } from '../lab/packages.ts';
import { Flips, Others, Staging } from './results.ts';
import { flipsTable, othersTable, stagingTable } from './tables.ts';

/*
 * `npm run bench`: every benchmark, one after the other on this machine, and their figures as Markdown at the end. What each
 * round gave goes to standard error as it comes.
 *
 *     npm run bench -- [--quick]
 */

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const rounds = values.quick
  ? { blueGreen: 3, swap: 2, others: 1, staging: 1 }
  : { blueGreen: 50, swap: 20, others: 3, staging: 5 };

/** Runs a benchmark; what it printed. One that fails leaves a gap, so that the others were not run in vain. */
async function results<S extends z.ZodType>(schema: S, script: string, ...args: string[]): Promise<z.infer<S>[]> {
  console.error(`\n== ${[script, ...args].join(' ')}`);
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines = (await text(child.stdout)).split('\n').filter((line) => line !== '');
  const [code] = await ended;
  if (code !== 0) {
    console.error(`${script} ended with ${code}: its figures are not complete`);
    process.exitCode = 1;
  }
  return lines.map((line) => schema.parse(JSON.parse(line)));
}

const flips = async (strategy: string, by: string, count: number) =>
  results(Flips, 'flips.ts', '--rounds', String(count), '--only', `${strategy}-${by}`);

await installPackages(benchPackages);
const others = await results(Others, 'others.ts', '--rounds', String(rounds.others));
const flipped = [
  ...(await flips('swap', 'pointer', rounds.swap)),
  ...(await flips('swap', 'membership', rounds.swap)),
  ...(await flips('blue-green', 'pointer', rounds.blueGreen)),
  ...(await flips('blue-green', 'membership', rounds.blueGreen)),
];
const staged = await results(Staging, 'staging.ts', String(rounds.staging));

const [processor] = cpus();
console.log(`
${cpus().length} × ${processor?.model}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release().split('-')[0]}, Node ${process.versions.node}

### Beside what else one would do

${othersTable(others)}

### Flips in a row

${flipsTable(flipped)}

### Staging

${stagingTable(staged)}`);
