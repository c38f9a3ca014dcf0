import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bestMode } from '../lab/arguments.ts';
import { deploy } from '../lab/deploy.ts';
import { restartFloor } from '../lab/floor.ts';
import { startLab } from '../lab/lab.ts';
import type { Lab, LabOptions } from '../lab/options.ts';
import type { LabRelease } from '../lab/releases.ts';
import { slotsOf } from '../lab/slots.ts';
import { summarise } from '../lab/traffic-records.ts';
import { median } from './figures.ts';

/*
 * Flips of the packaged action under traffic, many in a row, each strategy both ways. Beside each swap stands the floor: what
 * supervisord and the application need for stop, spawn and start of each half, asked through supervisord's RPC alone, with
 * nobody else at work. Prints a JSON line per way; times are milliseconds.
 *
 *     node bench/flips.ts [--rounds 20] [--instances 64] [--delay 1000] [--only swap-pointer]
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    instances: { type: 'string', default: '64' },
    delay: { type: 'string', default: '1000' },
    only: { type: 'string' },
  },
});

interface Round {
  readonly flipMs: number;
  readonly cutoverMs: number;
  readonly failed: number;
  readonly mixed: number;
  readonly requests: number;
  readonly floorMs?: number;
}

const ways = [
  { strategy: 'blue-green', by: 'pointer' },
  { strategy: 'blue-green', by: 'membership' },
  { strategy: 'swap', by: 'pointer' },
  { strategy: 'swap', by: 'membership' },
] as const satisfies readonly Partial<LabOptions>[];

/** Both halves, one after the other, as a swap has to. */
async function floorOf(lab: Lab): Promise<number> {
  const [slot] = slotsOf(lab.options);
  if (slot === undefined) throw new Error('a lab without a slot');
  const half = lab.servers.length / 2;
  const first = await restartFloor(lab.servers.slice(0, half), slot);
  const second = await restartFloor(lab.servers.slice(half), slot);
  return first.totalMs + second.totalMs;
}

async function round(lab: Lab, release: LabRelease): Promise<Round> {
  const floorMs = lab.options.strategy === 'swap' ? await floorOf(lab) : undefined;
  const traffic = lab.startTraffic();
  if (!(await traffic.answered)) throw new Error(`nobody answers at ${lab.url}`);
  const { outputs, log, code } = await deploy(lab, release, { inputs: { 'github-token': '' } });
  const { requests, failed, mixed } = summarise(await traffic.stop(), release.id);
  if (code !== 0 || outputs['result'] !== 'flipped') throw new Error(log);
  const flipMs = Number(outputs['flip-ms']);
  return { flipMs, cutoverMs: Number(outputs['cutover-ms']), failed, mixed, requests, ...(floorMs && { floorMs }) };
}

async function measure(way: (typeof ways)[number]): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'ff-bench-'));
  const shape = { instances: Number(values.instances), startDelayMs: Number(values.delay) };
  const lab = await startLab({ dir, mode: await bestMode(), ...shape, ...way });
  try {
    const one = await lab.makeRelease('1'.repeat(40));
    const two = await lab.makeRelease('2'.repeat(40), { like: one });
    await deploy(lab, two, { inputs: { 'github-token': '' } });
    const rounds: Round[] = [];
    for (let index = 0; index < Number(values.rounds); index += 1) {
      rounds.push(await round(lab, index % 2 === 0 ? one : two));
      console.error(JSON.stringify(rounds.at(-1)));
    }
    console.log(JSON.stringify({ ...way, ...shape, ...summary(rounds) }));
  } finally {
    await lab.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function summary(rounds: readonly Round[]): object {
  const sum = (of: (each: Round) => number) => rounds.reduce((total, each) => total + of(each), 0);
  const ratios = rounds.flatMap(({ flipMs, floorMs }) => (floorMs === undefined ? [] : [flipMs / floorMs]));
  return {
    rounds: rounds.length,
    flipMs: median(rounds.map((each) => each.flipMs)),
    slowestFlipMs: Math.max(...rounds.map((each) => each.flipMs)),
    cutoverMs: median(rounds.map((each) => each.cutoverMs)),
    slowestCutoverMs: Math.max(...rounds.map((each) => each.cutoverMs)),
    requests: sum((each) => each.requests),
    failed: sum((each) => each.failed),
    mixed: sum((each) => each.mixed),
    ...(ratios.length > 0 && {
      floorMs: median(rounds.flatMap(({ floorMs }) => floorMs ?? [])),
      flipToFloor: median(ratios),
    }),
  };
}

for (const way of ways) {
  if (values.only === undefined || values.only === `${way.strategy}-${way.by}`) await measure(way);
}
