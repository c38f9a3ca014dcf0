import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/servers/command.ts';
import { forAnyShell, wired } from '../../../src/servers/ssh/login-shell.ts';
import { hostileWords } from '../server.contract.ts';

describe('a command line under the login shell', () => {
  it.for(['sh', 'bash', 'busybox sh', 'zsh', 'fish', 'tcsh', 'bsd-csh'])(
    '%s hands every word over',
    (shell, context) => {
      const [program = '', ...args] = shell.split(' ');
      const line = forAnyShell(commandLine({ script: 'printf "%s\\037" "$@"\n', args: hostileWords }));
      const result = spawnSync(program, [...args, '-c', line], { encoding: 'utf8' });
      context.skip(result.error !== undefined, `${program} is not installed`);
      expect(result.stdout.split('\x1f').slice(0, -1)).toEqual(hostileWords);
    },
  );

  it.for(['sh', 'bash', 'busybox sh'])('%s reads what is too long for a request', (shell) => {
    const [program = '', ...args] = shell.split(' ');
    const script = `${'# a comment\n'.repeat(1000)}printf "%s\\037" "$@"; cat`;
    const { line, preamble } = wired(commandLine({ script, args: hostileWords }), 'dropbear_2022.83');
    expect(line.length).toBeLessThan(200);
    const result = spawnSync(program, [...args, '-c', line], { encoding: 'utf8', input: `${preamble}the input\n` });
    expect(result.stdout.split('\x1f')).toEqual([...hostileWords, 'the input\n']);
    // Cut off before its end it does not count as done.
    expect(spawnSync(program, [...args, '-c', line], { input: preamble.slice(0, 100) }).status).not.toBe(0);
  });

  it('only what is too long takes that way, and on OpenSSH much is not', () => {
    const line = commandLine({ script: 'true', args: ['x'.repeat(10_000)] });
    expect(wired(line, 'OpenSSH_9.2p1')).toEqual({ line: forAnyShell(line), preamble: '' });
    expect(wired(commandLine({ script: 'true' }), 'dropbear_2022.83').preamble).toBe('');
  });
});
