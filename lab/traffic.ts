import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseRecords, type TrafficRecords } from './traffic-records.ts';

interface TrafficOptions {
  /** Clients that keep their connection; 16 by default. */
  readonly keepAlive?: number;
  /** Clients that open a connection per request; 4 by default. */
  readonly closing?: number;
  /** Milliseconds a client waits after an answer; 10 by default. */
  readonly thinkMs?: number;
  /** Requests a second by all together; 2,000 by default. */
  readonly rate?: number;
  /** Ends by itself after this; 600 by default. */
  readonly seconds?: number;
  readonly path?: string;
}

/** Users at work. */
export interface Traffic {
  /** Whether somebody got a good answer within 5 s. */
  readonly answered: Promise<boolean>;
  /** Ends it; every request that was sent. */
  stop(): Promise<TrafficRecords>;
}

export type StartTraffic = (options?: TrafficOptions) => Traffic;

let started = 0;

/** Starts the load program against one or several balancers. It ends with this process, whatever happens to it. */
export const trafficStarter =
  (program: readonly string[], urls: readonly string[], folder: string): StartTraffic =>
  ({ keepAlive = 16, closing = 4, thinkMs = 10, rate = 2000, seconds = 600, path = '/' } = {}) => {
    const output = join(folder, `traffic-${process.pid}-${++started}`);
    const targets = urls.map((url) => new URL(url).host).join(',');
    const [command = '', ...first] = program;
    const numbers = [keepAlive, closing, thinkMs, rate, seconds].map(String);
    const child = spawn(command, [...first, targets, path, output, ...numbers], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => {});
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const answered = new Promise<boolean>((resolve) => {
      createInterface(child.stdout).once('line', (line) => resolve(line === 'ready'));
      ended.then(
        () => resolve(false),
        () => resolve(false),
      );
    });
    return {
      answered,
      async stop() {
        child.stdin.end();
        const code = await ended;
        if (code !== 0) throw new Error(`the traffic program ended with ${code ?? 'a signal'}`);
        return parseRecords(await readFile(output));
      },
    };
  };
