import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/servers/command.ts';
import { forAnyShell } from '../../../src/servers/ssh/login-shell.ts';
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
});
