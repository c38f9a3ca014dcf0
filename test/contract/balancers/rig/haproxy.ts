import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const example = (file: string) => fileURLToPath(new URL(`../../../../examples/haproxy/${file}`, import.meta.url));

export interface HaproxySetup {
  /** File in examples/haproxy. */
  readonly config: string;
  /** Where users come in. */
  readonly bind: string;
  /** The `server` lines of each backend instead of the example's. */
  readonly servers: Readonly<Record<string, readonly string[]>>;
  /** Content of the map file. */
  readonly pointer?: string;
  readonly edit?: (config: string) => string;
}

const local = (text: string, folder: string) => text.replaceAll(/\/(run|etc|var\/lib)\/haproxy\//g, `${folder}/`);

/** The example with this machine's paths and addresses in place of its own; everything else is as users copy it. */
function adapted(text: string, { bind, servers, edit = (same) => same }: HaproxySetup, folder: string): string {
  const own = local(text, folder)
    .replace('bind :80', `bind ${bind}`)
    .replaceAll(/^ {4}server web-.*\n/gm, '');
  const filled = Object.entries(servers).reduce(
    (config, [backend, lines]) =>
      config.replace(
        new RegExp(`^backend ${backend}\n(?: .*\n)*`, 'm'),
        (section) => section + lines.map((line) => `    server ${line}\n`).join(''),
      ),
    own,
  );
  return edit(filled);
}

const answers = (path: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen within 10 s`);
    await sleep(20);
  }
}

/** A real HAProxy with a shipped example. It fails to start where the example is not valid. */
export async function startHaproxy(setup: HaproxySetup) {
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const map = join(folder, 'live.map');
  const socket = join(folder, 'admin.sock');
  const master = join(folder, 'master.sock');
  await writeFile(file, adapted(await readFile(example(setup.config), 'utf8'), setup, folder));
  await writeFile(join(folder, 'hold.lua'), local(await readFile(example('hold.lua'), 'utf8'), folder));
  if (setup.pointer !== undefined) await writeFile(map, setup.pointer);
  const child = spawn('haproxy', ['-W', '-db', '-S', master, '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  child.once('error', (error) => {
    said += error.message;
  });
  const close = async () => {
    if (child.pid !== undefined && child.exitCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(folder, { recursive: true });
  };
  const loaded = () => said.lastIndexOf('Loading success') > said.lastIndexOf('New worker');
  await until('HAProxy start', async () => {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`haproxy ended: ${said}`);
    return loaded() && answers(socket);
  });
  return {
    folder,
    map,
    socket,
    close,
    /** Asked until it begins: a master that has just started may miss the request. Done when the new worker answers. */
    async reload() {
      const before = said.length;
      const since = () => said.slice(before);
      await until('reload request', async () => {
        const asked = connect(master)
          .on('error', () => {})
          .resume();
        asked.write('reload\n');
        await sleep(50);
        return since().includes('Reloading HAProxy');
      });
      await until('reload', async () => since().includes('New worker') && loaded());
    },
  };
}
