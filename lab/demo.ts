/** `npm run demo`: the packaged action flips a fleet under traffic, by both strategies. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { bestMode, introduction, readArguments, usualInstances } from './arguments.ts';
import { packagedAction } from './deploy.ts';
import { installPackages } from './packages.ts';
import { type Showing, show } from './show.ts';
import { table } from './terminal.ts';

const wanted = readArguments(process.argv.slice(2));
await installPackages();
const mode = wanted.mode ?? (await bestMode());
console.log(introduction[mode]);
await access(join(packagedAction, 'dist/main.js')).catch(() => {
  throw new Error('dist/ is missing: npm run build');
});
const instances = wanted.instances ?? usualInstances(mode);

const showings: Showing[] = [];
for (const strategy of ['swap', 'blue-green'] as const) {
  console.log(`\n== ${strategy}: 4 servers × ${instances} instances`);
  const dir = join(packagedAction, '.lab', strategy);
  showings.push(await show({ dir, mode, strategy, instances, startDelayMs: 1000, cdn: true }, console.log));
}

const milliseconds = (value: number): string => `${Math.round(value)} ms`;
console.log(`\nWhat happened, requests as an independent program counted them:\n`);
console.log(
  table([
    ['strategy', 'instances', 'flip', 'budget', 'cutover', 'requests', 'failed', 'mixed', 'longest gap', 'p99'],
    ...showings.map((one) => [
      one.strategy,
      String(one.instances),
      milliseconds(one.flipMs),
      `${milliseconds(one.budgetMs)} ${one.withinBudget ? '✓' : '✗'}`,
      `${one.cutoverMs} ms`,
      String(one.requests),
      String(one.failed),
      `${one.traffic.mixed} in ${milliseconds(one.mixedMs)}`,
      milliseconds(one.traffic.outageMs),
      milliseconds(one.traffic.latency.p99),
    ]),
  ]),
);
if (wanted.json) for (const { traffic, ...figures } of showings) console.log(JSON.stringify(figures));
