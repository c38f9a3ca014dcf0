import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, manifestText, type ReleaseFile } from './manifest.ts';
import { runnerHasRsync } from './runner-rsync.ts';
import { type Spool, spool } from './spool.ts';

/** One release on its way from the runner to all servers. What several of them need is made once. */
export interface Shipment {
  /** Folder on the runner. */
  readonly source: string;
  readonly manifest: Manifest;
  /** The manifest as servers keep it. */
  readonly text: string;
  /** The files at these paths, in the order of the manifest. */
  filesAt(paths: readonly string[] | 'all'): readonly ReleaseFile[];
  /** An archive of these files; servers that need the same files share it. */
  archive(files: readonly ReleaseFile[], gzip: boolean): Promise<Spool>;
  /** The runner has an rsync that can be used. */
  runnerHasRsync(): Promise<boolean>;
  /** Removes what was written on the runner. */
  close(): Promise<void>;
}

/** Opens a shipment of what `readSource` read from `source`. */
export function openShipment(source: string, manifest: Manifest): Shipment {
  const spools = new Map<string, Spool>();
  const byPath = new Map(manifest.files.map((file) => [file.path, file]));
  let rsync: Promise<boolean> | undefined;
  let folder: Promise<string> | undefined;
  return {
    source,
    manifest,
    text: manifestText(manifest),
    filesAt: (paths) => (paths === 'all' ? manifest.files : paths.flatMap((path) => byPath.get(path) ?? [])),
    async archive(files, gzip) {
      folder ??= mkdtemp(join(tmpdir(), 'fleetflip-'));
      const path = await folder;
      const key = [gzip, ...files.map((file) => file.path)].join('\n');
      const made = spools.get(key) ?? spool({ root: source, files, path: join(path, `${spools.size}.tar`), gzip });
      spools.set(key, made);
      return made;
    },
    runnerHasRsync() {
      rsync ??= runnerHasRsync();
      return rsync;
    },
    async close() {
      if (folder) await rm(await folder, { recursive: true, force: true });
    },
  };
}
