import type { ReleaseConfig } from '../../inputs/config.ts';
import type { Server } from '../port.ts';

/** The base folder on this server. Below it: `releases/<id>`, `releases/<id>.manifest`, `shared/`, and a link per slot. */
export const basePath = (config: ReleaseConfig, server: Server): string =>
  config.path.replaceAll('{server}', server.name).replace(/(?<=.)\/+$/, '');

/** Where a release is put together before it counts: the release itself is `tree` in here, beside what is known about it. */
export const workPath = (base: string, id: string): string => `${base}/releases/.${id}.incoming`;

/** From a shared path below a release to its place in `shared/`: `a/b` → `../../../shared/a/b`. */
export const sharedTarget = (shared: string): string => `${'../'.repeat(shared.split('/').length + 1)}shared/${shared}`;

/** The release that a pointer leads to: `releases/<id>`, relative or absolute; `undefined` where it leads elsewhere. */
export const releaseNamedBy = (target: string): string | undefined => /(?:^|\/)releases\/([^/]+)\/?$/.exec(target)?.[1];
