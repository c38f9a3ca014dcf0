import type { ReleaseConfig } from '../../inputs/config.ts';
import { fail, ok, type Result } from '../../result.ts';
import { expectSuccess } from '../command.ts';
import type { Server } from '../port.ts';
import { basePath, sharedTarget } from './layout.ts';
import { reconcileScript } from './reconcile-script.ts';

export type Tool = 'tar' | 'gzip' | 'rsync';

/** What a server says about a release that is being put together on it. */
export type Answer =
  /** Complete and verified; `present` when it was so before. */
  | { readonly state: 'present' }
  | { readonly state: 'staged' }
  /** It cannot hash. */
  | { readonly state: 'unable' }
  /** The id is live, and the manifest there is another one, or its files were changed since. Nothing was touched. */
  | { readonly state: 'live'; readonly why: 'other' | 'damaged'; readonly paths: readonly string[] }
  /** Folders or links cannot be made. */
  | { readonly state: 'stuck'; readonly paths: readonly string[] }
  | {
      readonly state: 'needs';
      /** Files to send; `all` when there is no base to take any from. */
      readonly paths: readonly string[] | 'all';
      /** Free kilobytes on the file system of the release folder, where the server can tell. */
      readonly freeKilobytes?: number;
      readonly tools: ReadonlySet<Tool>;
      /** Folder of the release that unchanged files were taken from. */
      readonly base?: string;
    };

export type Needs = Extract<Answer, { readonly state: 'needs' }>;

/** Reads what `reconcileScript` prints; `undefined` where it is cut short. */
export function parseAnswer(text: string): Answer | undefined {
  const lines = text.split('\n').filter(Boolean);
  if (lines.at(-1) !== 'end') return undefined;
  const values = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const paths = (word: string): string[] => values(word).map((path) => path.replace(/^\.\//, ''));
  for (const state of ['present', 'staged', 'unable'] as const) if (lines.includes(state)) return { state };
  const [live] = values('live');
  if (live) return { state: 'live', why: live === 'other' ? 'other' : 'damaged', paths: paths('need') };
  if (values('stuck').length > 0) return { state: 'stuck', paths: paths('stuck') };
  const free = /\s\d+\s+\d+\s+(\d+)\s+\d+%/.exec(values('space')[0] ?? '')?.[1];
  const [base] = values('base');
  return {
    state: 'needs',
    paths: lines.includes('all') ? 'all' : paths('need'),
    tools: new Set(values('tool').filter((tool) => tool === 'tar' || tool === 'gzip' || tool === 'rsync')),
    ...(free === undefined ? {} : { freeKilobytes: Number(free) }),
    ...(base === undefined ? {} : { base }),
  };
}

export interface Reconciliation {
  readonly server: Server;
  readonly config: ReleaseConfig;
  readonly id: string;
  /** The release that must not change, and that unchanged files are taken from. */
  readonly live?: string;
  /** Text of the manifest, for the first turn. */
  readonly manifest?: string;
  readonly deadlineMs: number;
}

/** Lets the server do its part (`reconcile-script.ts`) and says what it needs. */
export async function reconcile(turn: Reconciliation): Promise<Result<Answer>> {
  const { server, config, id, live = '', manifest, deadlineMs } = turn;
  const links = config.shared.flatMap((shared) => [shared, sharedTarget(shared)]);
  const args = [basePath(config, server), id, manifest === undefined ? 'again' : 'first', live, ...links];
  const command = { script: reconcileScript, args, input: manifest ?? '', deadlineMs };
  const output = await expectSuccess(server, command, `release ${id} cannot be put together`);
  if (!output.ok) return output;
  const answer = parseAnswer(output.value);
  return answer ? ok(answer) : fail({ what: `the answer about release ${id} was cut short`, where: server.name });
}
