import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A program of the embedded lab. It ends when its standard input does, so also with this process. */
export interface Program {
  /** What it printed when it was ready. */
  readonly ready: unknown;
  stop(): Promise<void>;
}

export async function startProgram(name: 'ssh-servers' | 'balancer', settings: unknown): Promise<Program> {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {});
  const exited = once(child, 'exit');
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => String(text)),
    exited.then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`))),
  ]);
  return {
    ready: JSON.parse(line),
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
