import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ReleaseConfig } from '../../../src/inputs/config.ts';
import type { Result } from '../../../src/result.ts';
import { openShipment, type Shipment } from '../../../src/servers/releases/shipment.ts';
import { readSource } from '../../../src/servers/releases/source.ts';

/** Path → content; an array is a link's target; `null` is an empty folder; paths that end with ` [x]` are executable. */
export type Tree = Readonly<Record<string, string | readonly [string] | null>>;

export async function writeTree(folder: string, tree: Tree, modifiedAt = Date.now() / 1000): Promise<void> {
  for (const [name, content] of Object.entries(tree)) {
    const path = join(folder, name.replace(/ \[x\]$/, ''));
    await mkdir(content === null ? path : dirname(path), { recursive: true });
    if (typeof content === 'string') {
      await writeFile(path, content);
      await utimes(path, modifiedAt, modifiedAt);
      await chmod(path, name.endsWith(' [x]') ? 0o755 : 0o644);
    } else if (content !== null) await symlink(content[0], path);
  }
}

/** Reads a folder back in the form that `writeTree` takes. Files of any other mode than 0644 and 0755 are told by it. */
export async function readTree(folder: string, below = ''): Promise<Tree> {
  const tree: Record<string, string | readonly [string] | null> = {};
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  if (entries.length === 0 && below) tree[below] = null;
  for (const entry of entries) {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) Object.assign(tree, await readTree(folder, path));
    else if (entry.isSymbolicLink()) tree[path] = [await readlink(join(folder, path))];
    else {
      const mode = (await lstat(join(folder, path))).mode & 0o7777;
      const mark = mode === 0o644 ? '' : mode === 0o755 ? ' [x]' : ` [${mode.toString(8)}]`;
      tree[path + mark] = await readFile(join(folder, path), 'utf8');
    }
  }
  return tree;
}

export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.failure, null, 2));
  return result.value;
}

export interface Place extends AsyncDisposable {
  readonly folder: string;
  /** Base folder of the releases on the "server". */
  readonly base: string;
  readonly config: ReleaseConfig;
  /** Writes a source folder of that name, its files of that time (seconds), and opens a shipment of it. */
  ship(name: string, tree: Tree, modifiedAt?: number): Promise<Shipment>;
}

/** A temporary folder with sources in it and a release folder. */
export async function temporaryPlace(changes: Partial<ReleaseConfig> = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-releases-'));
  const base = join(folder, 'shop');
  const config: ReleaseConfig = { path: base, transfer: 'auto', keep: 5, shared: [], ...changes };
  const shipments: Shipment[] = [];
  return {
    folder,
    base,
    config,
    async ship(name, tree, modifiedAt) {
      const source = join(folder, name);
      await rm(source, { recursive: true, force: true });
      await writeTree(source, tree, modifiedAt);
      const shipment = openShipment(source, unwrap(await readSource(source, config.shared)));
      shipments.push(shipment);
      return shipment;
    },
    async [Symbol.asyncDispose]() {
      for (const shipment of shipments) await shipment.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
