import { foreignLines } from '../../foreign-words.ts';
import type { Failure } from '../../result.ts';
import type { Group, Supervised, SupervisorState } from './group.ts';

/** States of a process that ended on its own. In BACKOFF supervisord will try again; a release that runs starts the first time. */
export const failedStates: ReadonlySet<SupervisorState> = new Set(['BACKOFF', 'FATAL', 'EXITED', 'UNKNOWN']);

const namedAtMost = 5;

/** Why processes do not run: supervisord's words for each, and what one of them wrote last. */
export async function notRunning(
  group: Group,
  failed: readonly Supervised[],
  { of, refused }: { readonly of: number; readonly refused?: ReadonlyMap<string, string> },
): Promise<Failure> {
  const reason = ({ name, state, words }: Supervised) =>
    (failedStates.has(state) ? words : refused?.get(name)) || words || state.toLowerCase();
  const [first] = failed;
  const log = first === undefined ? [] : foreignLines(await group.log(first.name));
  const named = failed.slice(0, namedAtMost).map((process) => `${process.name}: ${process.state}, ${reason(process)}`);
  const more = failed.length > namedAtMost ? [`… and ${failed.length - namedAtMost} more`] : [];
  const said = log.length > 0 ? [`last words of ${first?.name}:`, ...log.map((line) => `  ${line}`)] : [];
  return {
    what: `${failed.length} of ${of} processes of ${group.name} not running: ${first === undefined ? '' : reason(first)}`,
    where: group.server,
    detail: [...named, ...more, ...said].join('\n'),
    ...(log.length === 0 && {
      advice:
        'nothing of what it wrote is kept: with stdout_logfile and redirect_stderr=true its last words would stand here',
    }),
  };
}
