import { isAmong } from '../fleet/nouns.ts';
import { serverNames } from '../report/names.ts';
import { type Failure, fail, ok, type Result } from '../result.ts';
import type { Host } from './host.ts';
import type { World } from './world.ts';

/** What a step has to tell when it went well. */
export interface Done {
  readonly note?: string;
  /** Milliseconds of a cutover: with its read-back, and of the change alone. */
  readonly cutover?: { readonly ms: number; readonly batchMs: number };
  /** Something a person should know that does not change the outcome. */
  readonly warning?: Failure;
}

/**
 * The same work on several servers at once. One that fails does not end the others: what has started is let finish, so that
 * the state of each is known when it is decided how to go on.
 */
export async function onEach(
  world: World,
  where: { readonly step: string; readonly servers: readonly string[] },
  work: (host: Host) => Promise<Result<string | undefined>>,
): Promise<Result<Done>> {
  const hosts = world.hosts.filter((host) => isAmong(host.name, where.servers));
  const results = await Promise.all(hosts.map((host) => timed(world, where.step, host, work)));
  const failures = results.flatMap((result) => (result.ok ? [] : [result.failure]));
  return failures.length === 0 ? ok({}) : fail(together(failures, hosts.length));
}

async function timed(
  world: World,
  step: string,
  host: Host,
  work: (host: Host) => Promise<Result<string | undefined>>,
): Promise<Result<string | undefined>> {
  const start = world.clock.now();
  const result = await work(host);
  world.emit({
    type: 'server-step',
    step,
    server: host.name,
    ms: world.clock.now() - start,
    ...(result.ok ? result.value !== undefined && { note: result.value } : { failure: result.failure }),
  });
  return result;
}

const whereOf = ({ where = '?' }: Failure): string => where;

/** One failure that names every server, the first in full. */
function together(failures: readonly Failure[], of: number): Failure {
  const [first, ...others] = failures;
  if (first === undefined) throw new Error('no failure to report');
  if (others.length === 0) return first;
  if (others.every(({ what }) => what === first.what)) return { ...first, where: serverNames(failures.map(whereOf)) };
  const detail = failures.map((failure) => `${whereOf(failure)}: ${failure.what}`).join('\n');
  return {
    ...first,
    what: `${first.what} (and on ${others.length} more of ${of} servers)`,
    detail: first.detail ? `${detail}\n${whereOf(first)} in full:\n${first.detail}` : detail,
  };
}
