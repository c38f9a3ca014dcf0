import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandManager, readStatus } from '../../../src/servers/processes/command.ts';
import { localServer } from '../../support/local-server.ts';

/** Three processes that are lines in a file, so that the test sees what the commands did and can say what they report. */
async function commands(lines: string, restart: string) {
  const folder = await mkdtemp(join(tmpdir(), 'fleetflip-command-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const table = join(folder, 'table');
  await writeFile(table, lines);
  const manager = commandManager(
    {
      manager: 'command',
      restart: `printf '%s|%s' "$SLOT" "$SERVER" > ${folder}/environment; ${restart.replaceAll('TABLE', table)}`,
      stop: `sed -i 's/ .*/ stopped/' ${table}`,
      status: `cat ${table}`,
    },
    localServer(`it's $(web)-1`),
  );
  return { manager, folder };
}

describe('commands of the user', () => {
  it('restart a slot and are told which, whatever its name holds', async () => {
    const { manager, folder } = await commands(
      'a running 1\nb running 2\nc failed -\n',
      `printf 'a up 11\\nb starting 12\\nc up 13\\n' > TABLE`,
    );
    expect(await manager.restart('blue')).toMatchObject({ ok: true, value: { processes: 3 } });
    expect(await readFile(join(folder, 'environment'), 'utf8')).toBe(`blue|it's $(web)-1`);
    expect(await manager.status('blue')).toMatchObject({
      ok: true,
      value: [{ name: 'a', state: 'running', pid: 11 }, {}, {}],
    });
  });

  it('stop a slot', async () => {
    const { manager } = await commands('a running 1\nb running 2\n', 'true');
    expect(await manager.stop('blue')).toEqual({ ok: true, value: undefined });
    expect(await manager.status('blue')).toMatchObject({
      ok: true,
      value: [{ state: 'stopped' }, { state: 'stopped' }],
    });
  });

  it('fail with their own last words, without what steers a terminal', async () => {
    const { manager } = await commands('a running 1\n', `printf 'first\\n\\033[31mno such unit\\n' >&2; exit 5`);
    expect(await manager.restart('blue')).toEqual({
      ok: false,
      failure: {
        what: 'the restart command of slot blue ended with exit code 5',
        where: `it's $(web)-1`,
        detail: 'first\nno such unit',
      },
    });
  });

  it('tell what has failed', async () => {
    const { manager } = await commands('a running 1\nb failed\n', 'true');
    expect(await manager.trouble('blue')).toMatchObject({ what: '1 of the processes of slot blue not running: b' });
  });

  it.each(['a', 'a dancing 1', 'a running one', 'a running 1 more'])('refuses the status line %j', (line) => {
    expect(readStatus(`b running 2\n${line}\n`, 'web-1')).toMatchObject({ ok: false, failure: { detail: line } });
  });
});
