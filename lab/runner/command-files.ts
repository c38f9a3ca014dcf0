import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const names = ['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV', 'PATH'] as const;
type FileName = (typeof names)[number];

/** The files through which a step talks back to the runner, new for each stage. */
export interface CommandFiles {
  readonly environment: Readonly<Record<string, string>>;
  text(name: FileName): Promise<string>;
  remove(): Promise<void>;
}

export async function makeCommandFiles(): Promise<CommandFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-runner-'));
  const file = (name: FileName) => join(folder, name.toLowerCase());
  await mkdir(join(folder, 'temp'));
  await Promise.all(names.map((name) => writeFile(file(name), '')));
  return {
    environment: {
      ...Object.fromEntries(names.map((name) => [`GITHUB_${name}`, file(name)])),
      RUNNER_TEMP: join(folder, 'temp'),
    },
    text: (name) => readFile(file(name), 'utf8'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `name=value` lines and `name<<DELIMITER` blocks, as the runner reads outputs and state. */
export function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const block = /^(.+?)<<(.+)$/.exec(line);
    const pair = /^([^=]+)=(.*)$/.exec(line);
    if (block?.[1] && block[2]) {
      const end = lines.indexOf(block[2]);
      if (end < 0) throw new Error(`the value of ${block[1]} has no end`);
      values[block[1]] = lines.slice(0, end).join('\n');
      lines.splice(0, end + 1);
    } else if (pair?.[1]) {
      values[pair[1]] = pair[2] ?? '';
    } else if (line !== '') {
      throw new Error(`the runner refuses this line in a command file: ${line}`);
    }
  }
  return values;
}
