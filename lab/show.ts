import { rm } from 'node:fs/promises';
import { deploy, type Run } from './deploy.ts';
import { startLab } from './lab.ts';
import type { Lab, LabOptions } from './options.ts';
import { startLabGitHub } from './services.ts';
import { linePrinter } from './terminal.ts';
import { summarise, type TrafficSummary } from './traffic-records.ts';

/** What one strategy did under traffic. The traffic program's figures are its own, the others the action's. */
export interface Showing {
  readonly strategy: string;
  readonly instances: number;
  readonly flipMs: number;
  readonly cutoverMs: number;
  readonly mixedMs: number;
  readonly failed: number;
  readonly requests: number;
  readonly budgetMs: number;
  readonly withinBudget: boolean;
  readonly traffic: TrafficSummary;
}

const commit = (digit: string): string => digit.repeat(40);

/** Brings up a lab, deploys a first release off the show, then a new one with users at work. */
export async function show(
  options: Partial<LabOptions> & { dir: string },
  print: (line: string) => void,
): Promise<Showing> {
  await rm(options.dir, { recursive: true, force: true });
  const lab = await startLab(options);
  const withdraw = stopOnSignal(lab);
  try {
    return await showOn(lab, print);
  } finally {
    withdraw();
    await lab.stop();
  }
}

/** Ctrl-C reaches the action as a cancel would not, so the lab goes down with all that is in it. */
function stopOnSignal(lab: Lab): () => void {
  const stop = () => void lab.stop().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return () => void process.off('SIGINT', stop).off('SIGTERM', stop);
}

async function showOn(lab: Lab, print: (line: string) => void): Promise<Showing> {
  const { strategy, servers, instances } = lab.options;
  const size = { files: 200, bytes: 4_000_000 };
  const first = await lab.makeRelease(commit('1'), size);
  const next = await lab.makeRelease(commit('2'), { ...size, like: first, changed: 12 });
  print(
    `First release, off the show: ${servers * instances} instances, each needs ${lab.options.startDelayMs} ms to start`,
  );
  const onOutput = linePrinter(print);
  const github = await startLabGitHub(next.id, 'production');
  const inputs = { environment: 'production', url: lab.url };
  await succeed(lab, first, { github: github.context, inputs: { ...inputs, 'pull-request': 'none' } });

  print(`New release by ${strategy}, with users at work on ${lab.url}`);
  const traffic = lab.startTraffic();
  if (!(await traffic.answered)) throw new Error(`nobody answers at ${lab.url}`);
  const result = await succeed(lab, next, { github: github.context, inputs, onOutput });
  const seen = summarise(await traffic.stop(), next.id);
  await github.close();
  return { strategy, instances: servers * instances, ...measured(result), ...seenBy(seen), traffic: seen };
}

async function succeed(lab: Lab, release: Parameters<typeof deploy>[1], run: Run) {
  const result = await deploy(lab, release, run);
  if (result.code === 0) return result;
  throw new Error(`the deploy ended with ${result.code ?? 'a signal'}:\n${result.log}`);
}

const measured = ({ outputs }: { outputs: Readonly<Record<string, string>> }) => ({
  flipMs: Number(outputs['flip-ms']),
  cutoverMs: Number(outputs['cutover-ms']),
  budgetMs: Number(outputs['budget-ms']),
  withinBudget: outputs['within-budget'] === 'true',
});

const seenBy = ({ mixedMs, failed, requests }: TrafficSummary) => ({ mixedMs: Math.round(mixedMs), failed, requests });
