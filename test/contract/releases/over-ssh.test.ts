import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stage } from '../../../src/servers/releases/stage.ts';
import { openServer } from '../../../src/servers/ssh/open.ts';
import { type Sshd, startSshd } from '../../support/sshd.ts';
import { credentialsFor, targetOf } from '../ssh/access.ts';
import { readTree, type Tree, temporaryPlace, unwrap } from './folders.ts';

const large = Array.from({ length: 30_000 }, (_, line) => `line ${line * 7919}`).join('\n');
const release: Tree = {
  'app.py': 'one',
  "it's $(odd) \\ *": '2',
  'static/large.js': large,
  'bin/run [x]': 'run',
  link: ['app.py'],
};
const next: Tree = { ...release, 'app.py': 'two', 'static/large.js': large.replace('line 7919\n', 'line X919\n') };

describe('over OpenSSH', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());

  test.each(['rsync', 'scp', 'tar'] as const)('a release and its successor arrive by %s', async (transfer) => {
    await using place = await temporaryPlace({ transfer });
    const server = unwrap(await openServer(targetOf(sshd), credentialsFor(sshd)));
    unwrap(await stage({ server, config: place.config, id: 'r1', shipment: await place.ship('one', release) }));
    const second = { server, config: place.config, id: 'r2', shipment: await place.ship('two', next), live: 'r1' };
    expect(unwrap(await stage(second))).toMatchObject({ transport: transfer, sent: { files: 2 } });
    await server.close();
    expect(await readTree(join(place.base, 'releases/r1'))).toEqual(release);
    expect(await readTree(join(place.base, 'releases/r2'))).toEqual(next);
  });

  test.each(['rsync', 'scp', 'tar'] as const)(
    'a connection lost while %s sends is repaired by the next run',
    async (transfer) => {
      await using place = await temporaryPlace({ transfer });
      const shipment = await place.ship('one', { ...release, 'static/more.js': large.repeat(20) });
      const server = unwrap(await openServer(targetOf(sshd), credentialsFor(sshd)));
      let cut: Promise<void> | undefined;
      const staging = { config: place.config, id: 'r1', shipment };
      const broken = await stage({ ...staging, server }, () => {
        cut ??= sshd.cutConnections();
      });
      expect(broken).toMatchObject({ ok: false, failure: { where: 'web-1' } });
      await cut;
      await server.close();
      const again = unwrap(await openServer(targetOf(sshd), credentialsFor(sshd)));
      unwrap(await stage({ ...staging, server: again }));
      await again.close();
      expect(await readdir(join(place.base, 'releases'))).toEqual(['r1', 'r1.manifest']);
    },
  );
});

test('without the SFTP subsystem, scp says so', async () => {
  const sshd = await startSshd({ sftp: false });
  try {
    await using place = await temporaryPlace({ transfer: 'scp' });
    const server = unwrap(await openServer(targetOf(sshd), credentialsFor(sshd)));
    const result = await stage({ server, config: place.config, id: 'r1', shipment: await place.ship('one', release) });
    expect(result).toMatchObject({ ok: false, failure: { what: 'no SFTP', where: 'web-1' } });
    await server.close();
  } finally {
    await sshd.stop();
  }
});
