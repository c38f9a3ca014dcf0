import type { Instance, ReleaseId, Slot } from '../fleet/nouns.ts';
import type { InstanceSeen } from '../fleet/observation.ts';
import type { HealthConfig } from '../inputs/config.ts';
import { type Failure, fail, ok, type Result } from '../result.ts';
import { type Clock, startClock } from '../rollout/clock.ts';
import type { Server } from '../servers/port.ts';
import { type Answer, isReady, lackOf } from './answer.ts';
import { askInstances } from './ask-instances.ts';

/** What has to be ready. */
export interface Awaited {
  readonly server: Server;
  /** Of this server. */
  readonly instances: readonly Instance[];
  /** What every instance has to answer as. */
  readonly release: ReleaseId;
  readonly health: HealthConfig;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Asked now and then while nothing is ready: why waiting on is useless, e.g. because processes crashed. */
  readonly trouble?: () => Promise<Failure | undefined>;
}

export interface ReadyReport {
  readonly instances: number;
  readonly ms: number;
}

/** One instance is asked as long as this for one answer, then others have their turn. */
const answerWithinMs = 2_000;

/** As many ask at once while nothing is ready, and at most while all is. */
const fewest = 4;
const most = 32;

/** Ports in one command, where each command of its own would be dear. */
const portsInCommand = 16;

/** Pauses of one who asks after an answer that was not good, growing. */
const pausesMs = { first: 25, longest: 50 };
const troubleEveryMs = 300;

/** The search for one that is not ready: instances not seen ready yet, with what each lacked when it was last asked. */
interface Search extends Awaited {
  readonly clock: Clock;
  readonly lacking: Map<number, string | undefined>;
  /** Next to ask; those that are being asked are not in it. */
  readonly queue: number[];
  readonly ended: AbortSignal;
  asking: number;
}

/**
 * Resolves when every instance was seen ready and answering as the release. A few are asked in turn until the first is
 * ready; then each good answer brings another one who asks, because the others will be ready too. So an application that is
 * still starting is not disturbed by many questions, and many instances do not take many round trips.
 */
export async function awaitReady(awaited: Awaited): Promise<Result<ReadyReport>> {
  const { instances, deadlineMs, signal } = awaited;
  const clock = startClock();
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal]);
  const ports = instances.map(({ port }) => port);
  const lacking = new Map(ports.map((port) => [port, undefined]));
  const search: Search = { ...awaited, clock, lacking, queue: [...ports], ended, asking: 0 };
  const timer = setTimeout(() => over.abort(), deadlineMs);
  const watched = watchForTrouble(search).then((trouble) => {
    over.abort();
    return trouble;
  });
  await Promise.all(Array.from({ length: fewest }, () => ask(search)));
  clearTimeout(timer);
  over.abort();
  if (lacking.size === 0) return ok({ instances: instances.length, ms: clock.now() });
  return fail((await watched) ?? notReady(search));
}

/** One who asks, and goes on until there is nobody left to ask. */
async function ask(search: Search): Promise<void> {
  const { server, queue, clock, ended } = search;
  const helpers: Promise<void>[] = [];
  search.asking += 1;
  for (let pauseMs = pausesMs.first; queue.length > 0 && !ended.aborted; ) {
    const ports = queue.splice(0, server.forwardsPorts() ? 1 : portsInCommand);
    const again = await askOnce(search, ports);
    queue.push(...again);
    if (again.length === 0) {
      if (search.asking < most && queue.length > 0) helpers.push(ask(search));
      continue;
    }
    if (search.asking > fewest) break;
    await clock.sleep(pauseMs, ended);
    pauseMs = Math.min(pausesMs.longest, pauseMs * 1.1);
  }
  search.asking -= 1;
  await Promise.all(helpers);
}

/** Notes what the answers lack; the ports that are to be asked again. */
async function askOnce(search: Search, ports: readonly number[]): Promise<readonly number[]> {
  const { server, lacking, health, deadlineMs, clock, ended } = search;
  const withinMs = Math.max(1, Math.min(answerWithinMs, Math.ceil(deadlineMs - clock.now())));
  const answers = await askInstances(server, ports, { health, withinMs, signal: ended });
  for (const [index, port] of ports.entries()) {
    const lack = lackAt(answers, index, search);
    if (lack === undefined) lacking.delete(port);
    // That the search ended is no news about an instance.
    else if (!ended.aborted || lacking.get(port) === undefined) lacking.set(port, lack);
  }
  return ports.filter((port) => lacking.has(port));
}

function lackAt(answers: Result<readonly Answer[]>, index: number, { release, health }: Search): string | undefined {
  if (!answers.ok) return answers.failure.what;
  const answer = answers.value[index];
  return answer === undefined ? 'not asked' : lackOf(answer, release, health);
}

/** Resolves with the first trouble, or with nothing when the search has ended. */
async function watchForTrouble({ trouble, clock, ended }: Search): Promise<Failure | undefined> {
  while (!ended.aborted) {
    await clock.sleep(troubleEveryMs, ended);
    const found = ended.aborted ? undefined : await trouble?.();
    if (found !== undefined) return found;
  }
  return undefined;
}

const namedAtMost = 5;

/** What instances lack, those that lack the same in one line: `ports 8001, 8002 and 62 more: 500 Internal Server Error`. */
function alike(lacking: Search['lacking']): string[] {
  const ports = new Map<string, number[]>();
  for (const [port, lack = 'not asked'] of lacking) {
    const others = ports.get(lack);
    if (others === undefined) ports.set(lack, [port]);
    else others.push(port);
  }
  return [...ports].map(([lack, all]) => `${portWords(all)}: ${lack}`);
}

function portWords([first, second, ...others]: readonly number[]): string {
  if (second === undefined) return `port ${first}`;
  return `ports ${first}, ${second}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

function notReady({ server, instances, deadlineMs, signal, lacking }: Search): Failure {
  const [first, ...others] = alike(lacking);
  const ready = `${instances.length - lacking.size} of ${instances.length} ready`;
  const within = signal.aborted ? 'when it was cancelled' : `after ${deadlineMs / 1000} s`;
  const more = others.length > namedAtMost ? [`… and ${others.length - namedAtMost} more answers`] : [];
  const detail = [...others.slice(0, namedAtMost), ...more].join('\n');
  return { what: `${first}; ${ready} ${within}`, where: server.name, ...(detail && { detail }) };
}

const observeAtOnce = 32;

/** No clock runs while the fleet is observed, and who takes a slow link for a dead instance makes a wrong plan. */
const observeWithinMs = 5_000;

/** Asks every instance of the slots on this server once. Fails where there is no way to ask any. */
export async function observeInstances(
  server: Server,
  slots: readonly Slot[],
  health: HealthConfig,
): Promise<Result<readonly InstanceSeen[]>> {
  const { signal } = new AbortController();
  const mine = slots
    .filter((slot) => slot.servers.includes(server.name))
    .flatMap((slot) => slot.ports.map((port) => ({ server: server.name, port, slot: slot.name })));
  const seen: InstanceSeen[] = [];
  for (let at = 0, count = 1; at < mine.length; at += count, count = observeAtOnce) {
    // The first is asked alone: if the server forwards nothing, one finds out, and not many at a time.
    const batch = mine.slice(at, at + count);
    const ports = batch.map(({ port }) => port);
    const answers = await askInstances(server, ports, { health, withinMs: observeWithinMs, signal });
    if (!answers.ok) return answers;
    for (const [index, instance] of batch.entries()) {
      const answer = answers.value[index];
      if (answer === undefined) continue;
      const { release } = answer.answered ? answer : {};
      seen.push({ ...instance, ready: isReady(answer), ...(release !== undefined && { release }) });
    }
  }
  return ok(seen);
}
