import type { Instance, ReleaseId, Slot } from '../fleet/nouns.ts';
import type { InstanceSeen } from '../fleet/observation.ts';
import type { HealthConfig } from '../inputs/config.ts';
import { type Failure, fail, ok, type Result } from '../result.ts';
import { startClock } from '../rollout/clock.ts';
import type { Server } from '../servers/port.ts';
import { isReady, lackOf } from './answer.ts';
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

/** As many are asked at once while none is ready, and at most while all are. */
const fewest = 4;
const most = 32;

/** Pauses after a round in which nothing was ready, growing. */
const pausesMs = { first: 25, longest: 50 };
const troubleEveryMs = 300;

/**
 * Resolves when every instance was seen ready and answering as the release. A few are asked in turn until the first is
 * ready; from then on twice as many each round, because the others will be too: neither is an application that is still
 * starting disturbed by many questions, nor do many instances take many round trips.
 */
export async function awaitReady(awaited: Awaited): Promise<Result<ReadyReport>> {
  const { server, instances, release, health, deadlineMs, signal, trouble } = awaited;
  const clock = startClock();
  // Those not ready yet, with what each lacked when it was last asked; the next to ask comes first.
  const waiting = new Map(instances.map(({ port }) => [port, 'was not asked']));
  let width = fewest;
  let pauseMs = pausesMs.first;
  let troubleAt = troubleEveryMs;
  while (waiting.size > 0) {
    const left = deadlineMs - clock.now();
    if (signal.aborted || left <= 0) return fail(notReady(awaited, waiting));
    const ports = [...waiting.keys()].slice(0, width);
    const answers = await askInstances(server, ports, { health, withinMs: Math.min(answerWithinMs, left), signal });
    const before = waiting.size;
    for (const [index, port] of ports.entries()) {
      const answer = answers[index];
      const lack = answer === undefined ? 'was not asked' : lackOf(answer, release, health);
      waiting.delete(port);
      if (lack !== undefined) waiting.set(port, lack);
    }
    const became = before - waiting.size;
    width = became === ports.length ? Math.min(most, width * 2) : fewest;
    if (became > 0 || waiting.size === 0) continue;
    if (trouble !== undefined && clock.now() >= troubleAt) {
      const failure = await trouble();
      if (failure !== undefined) return fail(failure);
      troubleAt = clock.now() + troubleEveryMs;
    }
    await clock.sleep(pauseMs, signal);
    pauseMs = Math.min(pausesMs.longest, pauseMs * 1.1);
  }
  return ok({ instances: instances.length, ms: clock.now() });
}

const namedAtMost = 5;

function notReady(awaited: Awaited, waiting: ReadonlyMap<number, string>): Failure {
  const { server, instances, deadlineMs, signal } = awaited;
  const [first, ...others] = [...waiting].map(([port, lack]) => `${server.name}:${port}: ${lack}`);
  const ready = `${instances.length - waiting.size} of ${instances.length} ready`;
  const within = signal.aborted ? 'when it was cancelled' : `after ${deadlineMs / 1000} s`;
  const more = others.length > namedAtMost ? [`… and ${others.length - namedAtMost} more`] : [];
  const detail = [...others.slice(0, namedAtMost), ...more].join('\n');
  return { what: `${first}; ${ready} ${within}`, where: server.name, ...(detail && { detail }) };
}

const observeAtOnce = 32;

/** Asks every instance of the slots on this server once. */
export async function observeInstances(
  server: Server,
  slots: readonly Slot[],
  health: HealthConfig,
): Promise<InstanceSeen[]> {
  const { signal } = new AbortController();
  const mine = slots
    .filter((slot) => slot.servers.includes(server.name))
    .flatMap((slot) => slot.ports.map((port) => ({ server: server.name, port, slot: slot.name })));
  const seen: InstanceSeen[] = [];
  for (let at = 0; at < mine.length; at += observeAtOnce) {
    const batch = mine.slice(at, at + observeAtOnce);
    const ports = batch.map(({ port }) => port);
    const answers = await askInstances(server, ports, { health, withinMs: answerWithinMs, signal });
    for (const [index, instance] of batch.entries()) {
      const answer = answers[index];
      if (answer === undefined) continue;
      const { release } = answer.answered ? answer : {};
      seen.push({ ...instance, ready: isReady(answer), ...(release !== undefined && { release }) });
    }
  }
  return seen;
}
