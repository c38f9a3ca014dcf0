import { foreignWords } from '../../foreign-words.ts';
import type { Failure } from '../../result.ts';
import type { ForwardTarget, Server } from '../port.ts';

/** Prints what is wrong with the socket "$1" in one word, then who asks, then the socket as `ls` shows it. */
const examine = `LC_ALL=C; export LC_ALL
if ! listed=$(ls -ld -- "$1" 2>&1); then
  case $listed in *denied*) echo denied ;; *) echo missing ;; esac
elif [ ! -S "$1" ]; then echo other
elif [ ! -w "$1" ]; then echo denied
else echo open
fi
id -un
echo "$listed"`;

/** Why supervisord was not reached, in words that say what to change. SSH itself knows only that it was not. */
export async function unreached(server: Server, target: ForwardTarget, failure: Failure): Promise<Failure> {
  const where = server.name;
  if (!('path' in target)) {
    const advice = 'is supervisord running there, and does its [inet_http_server] listen at that port?';
    return { advice, ...failure };
  }
  const examined = await server.run({ script: examine, args: [target.path], deadlineMs: 10_000 });
  const [finding = '', user = '', listed = ''] = examined.ok ? examined.value.stdout.split('\n') : [];
  const detail = foreignWords(listed);
  switch (finding) {
    case 'missing':
      return {
        what: `there is no supervisord socket at ${target.path}`,
        where,
        advice: 'is supervisord running? Set process.socket to the `file` of [unix_http_server] in its configuration',
      };
    case 'denied':
      return {
        what: `${user} may not use supervisord's socket ${target.path}`,
        where,
        detail,
        advice: `under [unix_http_server] set chmod=0770 and chown=root:<a group of ${user}>, then restart supervisord`,
      };
    case 'other':
      return {
        what: `${target.path} is no socket`,
        where,
        detail,
        advice: 'set process.socket to supervisord’s socket',
      };
    default:
      return { advice: 'is supervisord running? A killed one leaves its socket behind', ...failure };
  }
}
