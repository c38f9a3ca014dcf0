import type { LabHost } from '../../lab/options.ts';
import { byHand, releaseFolder, type Scene, switchOver } from './by-hand.ts';
import { execute } from './ssh-client.ts';
import { timed } from './way.ts';

/** The best of the obvious: what has changed goes to all servers at once, then all of them restart at once. */
export const parallelRsync = byHand({
  name: 'parallel-rsync',
  what: 'rsync to all at once, then restart all at once',
  needs: { program: 'rsync', package: 'rsync' },
  async run(scene, touched) {
    const { servers } = scene.lab;
    const copyMs = await timed(() => Promise.all(servers.map((server) => copy(server, scene))));
    touched();
    await Promise.all(servers.map((server) => switchOver(server, scene)));
    return copyMs;
  },
});

/** By content: files of two builds may have the same size and time, which rsync would take for unchanged. */
function copy(server: LabHost, { client, from, to }: Scene): Promise<unknown> {
  const shell = ['ssh', ...client.options].join(' ');
  const unchanged = `--link-dest=${releaseFolder(server, from)}`;
  const target = `${server.name}:${releaseFolder(server, to)}/`;
  return execute('rsync', ['-a', '--checksum', unchanged, '-e', shell, `${to.source}/`, target]);
}
