import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const trafficReport = z.object({
  requests: z.number(),
  failed: z.number(),
  mixed: z.number(),
  /** Answers of the expected release. */
  expected: z.number(),
  longestMs: z.number(),
  details: z.array(z.string()),
});

export type TrafficReport = z.infer<typeof trafficReport>;

export interface Place {
  readonly address: string;
  readonly port: number;
  readonly release: string;
}

const start = (file: string) => fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: [], stdio: 'inherit' });

async function tell(child: ChildProcess, message: object): Promise<unknown> {
  const answer = once(child, 'message');
  child.send(message);
  return (await answer)[0];
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Instances in a process of their own. */
export function startBackends() {
  const child = start('backends.ts');
  return {
    start: (places: readonly Place[]) => tell(child, { do: 'start', places }),
    stop: (places: readonly Place[]) => tell(child, { do: 'stop', places }),
    close: () => end(child),
  };
}

export interface Load {
  readonly address: string;
  readonly ports: readonly number[];
  readonly users: number;
  readonly thinkMs: number;
  readonly path?: string;
}

/** Users in a process of their own, so that their work does not delay what is measured. */
export async function startTraffic(load: Load) {
  const child = start('traffic.ts');
  await tell(child, { do: 'start', path: '/', ...load });
  return {
    /** Begins a new count; `release` is the one that is to answer from now on. */
    expect: (release: string) => tell(child, { do: 'expect', release }),
    report: async () => trafficReport.parse(await tell(child, { do: 'report' })),
    close: () => end(child),
  };
}
