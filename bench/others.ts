import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bestMode } from '../lab/arguments.ts';
import { startLab } from '../lab/lab.ts';
import type { Lab } from '../lab/options.ts';
import { missingPackages } from '../lab/packages.ts';
import { summarise } from '../lab/traffic-records.ts';
import { median } from './figures.ts';
import { ansible } from './ways/ansible.ts';
import { fleetflip } from './ways/fleetflip.ts';
import { parallelRsync } from './ways/parallel-rsync.ts';
import { shellScript } from './ways/shell-script.ts';
import { execute } from './ways/ssh-client.ts';
import type { Change, Spent, Way } from './ways/way.ts';

/*
 * What users do instead of Fleetflip, and Fleetflip, each on the same fleet under the same traffic: 2,000 files of which 60 are
 * new, an application that takes a second to start. Prints a JSON line per way. Times are milliseconds and medians of the rounds,
 * counts are sums; `instances` is per server. `wholeMs` is what somebody waits for.
 *
 *     node bench/others.ts [--rounds 3] [--instances 64] [--ansible-instances 8] [--delay 1000] [--only ansible]
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    instances: { type: 'string', default: '64' },
    // Ansible's module changes one member at a time, which takes minutes with 64.
    'ansible-instances': { type: 'string', default: '8' },
    delay: { type: 'string', default: '1000' },
    only: { type: 'string' },
  },
});

const ways: readonly Way[] = [shellScript, parallelRsync, ansible, fleetflip('swap'), fleetflip('blue-green')];

const size = { files: 2000, bytes: 24_000_000 };
const changed = 60;

interface Round extends Spent {
  readonly requests: number;
  readonly failed: number;
  readonly mixed: number;
  readonly mixedMs: number;
  readonly outageMs: number;
}

async function round(way: Way, lab: Lab, change: Change): Promise<Round> {
  const traffic = lab.startTraffic();
  if (!(await traffic.answered)) throw new Error(`nobody answers at ${lab.url}`);
  const spent = await way.replace(lab, change).catch(async (error) => {
    await traffic.stop();
    throw error;
  });
  const { firstNewAt, requests, failed, mixed, mixedMs, outageMs } = summarise(await traffic.stop(), change.to.id);
  if (firstNewAt === undefined) throw new Error('nobody was answered by the new release');
  return { ...spent, requests, failed, mixed, mixedMs, outageMs };
}

const idOf = (number: number): string => String(number).padStart(40, '0');

async function measure(way: Way, instances: number): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'ff-bench-'));
  const shape = { instances, startDelayMs: Number(values.delay) };
  const lab = await startLab({ dir, mode, ...shape, ...way.lab });
  try {
    let live = await lab.makeRelease(idOf(0), size);
    await way.begin(lab, live);
    const rounds: Round[] = [];
    for (let number = 1; number <= Number(values.rounds); number += 1) {
      const to = await lab.makeRelease(idOf(number), { ...size, like: live, changed });
      rounds.push(await round(way, lab, { from: live, to }));
      console.error(JSON.stringify(rounds.at(-1)));
      live = to;
    }
    console.log(JSON.stringify({ way: way.what, ...shape, ...summary(rounds) }));
  } finally {
    await lab.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function summary(rounds: readonly Round[]): object {
  const middle = (of: (each: Round) => number | undefined) =>
    Math.round(median(rounds.flatMap((each) => of(each) ?? [])));
  const sum = (of: (each: Round) => number) => rounds.reduce((total, each) => total + of(each), 0);
  return {
    rounds: rounds.length,
    wholeMs: middle((each) => each.wholeMs),
    ...(rounds.every((each) => each.copyMs !== undefined) && { copyMs: middle((each) => each.copyMs) }),
    flipMs: middle((each) => each.flipMs),
    requests: sum((each) => each.requests),
    failed: sum((each) => each.failed),
    mixed: sum((each) => each.mixed),
    mixedMs: middle((each) => each.mixedMs),
    outageMs: middle((each) => each.outageMs),
  };
}

const isInstalled = (program: string): Promise<boolean> =>
  execute('sh', ['-c', 'command -v "$1"', 'sh', program]).then(
    () => true,
    () => false,
  );

const mode = await bestMode();
if (mode === 'embedded') throw new Error(`real servers are needed: install ${(await missingPackages()).join(', ')}`);
for (const way of ways) {
  if (values.only !== undefined && values.only !== way.name) continue;
  if (way.needs && !(await isInstalled(way.needs.program))) {
    console.log(JSON.stringify({ way: way.what, skipped: `not installed: ${way.needs.package}` }));
    continue;
  }
  await measure(way, Number(way === ansible ? values['ansible-instances'] : values.instances));
}
