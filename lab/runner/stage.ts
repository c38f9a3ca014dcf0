import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { makeCommandFiles, parseCommandFile } from './command-files.ts';

/** One stage (main or post) as the runner saw it. */
export interface StageResult {
  /** Missing where a signal ended the process. */
  readonly code: number | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Standard output and error as they came, without the lines that register masks. */
  readonly log: string;
  /** What was registered to be masked. */
  readonly masks: readonly string[];
  readonly ms: number;
  /** Processor time of the process itself; missing where it could not say so before it ended. */
  readonly cpuMs: number | undefined;
}

export interface Stage {
  readonly script: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onOutput: (text: string) => void;
  readonly cancel?: AbortSignal | undefined;
  /** The machine goes away: SIGKILL at once. */
  readonly vanish?: AbortSignal | undefined;
}

/** Milliseconds from SIGINT until the runner sends SIGTERM, and from there until it kills. */
const patience = { terminateMs: 7_500, killMs: 2_500 };

/** The runner goes on after this where a child of the process keeps its output open. */
const lingerMs = 5_000;

export async function runStage({ script, cwd, environment, onOutput, cancel, vanish }: Stage): Promise<StageResult> {
  const files = await makeCommandFiles();
  const started = performance.now();
  const probe = join(import.meta.dirname, 'cpu-probe.ts');
  const child = spawn(process.execPath, ['--import', probe, script], {
    cwd,
    env: { ...environment, ...files.environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, stdout, stderr, cpu] = child.stdio;
  const text = collect([stdout, stderr], onOutput);
  const cpuText = collect([cpu], () => {});
  const withdraw = escalate(cancel, (signal) => child.kill(signal));
  const end = () => child.kill('SIGKILL');
  vanish?.addEventListener('abort', end, { once: true });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => {
      const linger = setTimeout(() => resolve(exitCode), lingerMs);
      child.once('close', () => {
        clearTimeout(linger);
        resolve(exitCode);
      });
    });
  });
  const ms = performance.now() - started;
  withdraw();
  vanish?.removeEventListener('abort', end);
  const result = {
    code: code ?? undefined,
    outputs: parseCommandFile(await files.text('OUTPUT')),
    state: parseCommandFile(await files.text('STATE')),
    summary: await files.text('STEP_SUMMARY'),
    ...withoutMasks(text()),
    ms,
    cpuMs: cpuText() === '' ? undefined : Number(cpuText()),
  };
  await files.remove();
  return result;
}

function collect(streams: readonly unknown[], onText: (text: string) => void): () => string {
  const parts: string[] = [];
  for (const stream of streams) {
    if (!(stream instanceof Readable)) continue;
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => {
      parts.push(part);
      onText(part);
    });
  }
  return () => parts.join('');
}

/** SIGINT at once, SIGTERM and SIGKILL later, to the process alone, as the runner cancels a step. */
function escalate(cancel: AbortSignal | undefined, kill: (signal: NodeJS.Signals) => void): () => void {
  const timers: NodeJS.Timeout[] = [];
  const begin = () => {
    kill('SIGINT');
    timers.push(setTimeout(() => kill('SIGTERM'), patience.terminateMs));
    timers.push(setTimeout(() => kill('SIGKILL'), patience.terminateMs + patience.killMs));
  };
  if (cancel?.aborted) begin();
  else cancel?.addEventListener('abort', begin, { once: true });
  return () => {
    cancel?.removeEventListener('abort', begin);
    for (const timer of timers) clearTimeout(timer);
  };
}

function withoutMasks(log: string): { log: string; masks: string[] } {
  const lines = log.split('\n');
  const command = '::add-mask::';
  return {
    log: lines.filter((line) => !line.startsWith(command)).join('\n'),
    masks: lines.filter((line) => line.startsWith(command)).map((line) => line.slice(command.length)),
  };
}
