import { execFile } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LabHost } from '../../../lab/options.ts';
import type { LabRelease } from '../../../lab/releases.ts';

const execute = promisify(execFile);

/** Puts a release on a server without the product. */
export async function placeRelease(server: LabHost, release: LabRelease, slot: string): Promise<void> {
  const shop = join(server.folder, 'shop');
  await mkdir(join(shop, 'releases'), { recursive: true });
  await cp(release.source, join(shop, 'releases', release.id), { recursive: true });
  await symlink(join('releases', release.id), join(shop, slot));
}

/** Starts a slot with supervisorctl, and waits until its first instance answers as the release. */
export async function startSlot(
  server: LabHost,
  { slot, firstPort, release }: { slot: string; firstPort: number; release: string },
): Promise<void> {
  await execute('supervisorctl', ['-c', join(server.folder, 'supervisord.conf'), 'start', `shop-${slot}:*`]);
  await answersAs(`http://${server.address}:${firstPort}/healthz`, release);
}

export async function answersAs(url: string, release: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  const answer = () => fetch(url).then((response) => response.text(), String);
  while ((await answer()).trim() !== release) {
    if (Date.now() > deadline) throw new Error(`${url}: ${await answer()}`);
    await delay(20);
  }
}
