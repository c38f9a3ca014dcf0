import { byHand, releaseFolder, switchOver } from './by-hand.ts';
import { execute } from './ssh-client.ts';
import { timed } from './way.ts';

/**
 * The script that many begin with. Its copy goes beside the live release and not over it, because a program that runs cannot be
 * written to (ETXTBSY, open(2)).
 */
export const shellScript = byHand({
  name: 'shell-script',
  what: 'shell script: scp and restart, server after server',
  needs: { program: 'scp', package: 'openssh-client' },
  async run(scene, touched) {
    const { lab, client, to } = scene;
    let copyMs = 0;
    for (const server of lab.servers) {
      const target = `${server.name}:${releaseFolder(server, to)}`;
      copyMs += await timed(() => execute('scp', [...client.options, '-q', '-r', to.source, target]));
      touched();
      await switchOver(server, scene);
    }
    return copyMs;
  },
});
