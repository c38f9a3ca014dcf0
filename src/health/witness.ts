import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { ReleaseId } from '../fleet/nouns.ts';
import type { WitnessSummary } from '../report/events.ts';
import type { Clock } from '../rollout/clock.ts';
import { ask, type Question } from './ask.ts';
import { type Observation, startTally } from './verdict.ts';

/** A user who asks at a steady rate and writes down who answered. */
export interface Witness {
  /** Resolves to true with the first good answer (of the wanted release), to false when none came within so many milliseconds. */
  answered(by: 'any' | 'wanted', deadlineMs: number): Promise<boolean>;
  /** Sends nothing more, waits for what is on its way (5 s at most) and says what was seen. */
  stop(): Promise<WitnessSummary>;
}

export interface WitnessOptions {
  /** Address of the balancer as users reach it, `http:` or `https:`. */
  readonly url: string;
  readonly ratePerSecond: number;
  /** Header that names the release; the trimmed body is taken where this is missing. */
  readonly releaseHeader?: string;
  readonly wanted: ReleaseId;
  readonly clock: Clock;
}

const timeoutMs = 5000;

/** More than this at once would measure the runner. */
const mostInFlight = 512;

/** A pause of the runner itself that a reader has to know of, because nothing could be seen meanwhile. */
const longPauseMs = 250;

/** How often `answered` looks. */
const pollMs = 10;

/**
 * Starts asking. Requests leave on schedule whether earlier ones were answered or not, so a slow fleet is asked as often as
 * a fast one. Every other request opens a connection of its own; the rest reuse one, as browsers do.
 */
export function startWitness({ url, ratePerSecond, releaseHeader, wanted, clock }: WitnessOptions): Witness {
  const question: Question = { url: new URL(url), timeoutMs, ...(releaseHeader !== undefined && { releaseHeader }) };
  const agents = openAgents(question.url);
  const tally = startTally({ wanted, from: clock.now() });
  const inFlight = new Set<Promise<void>>();
  const stopped = new AbortController();
  const send = (fresh: boolean) => {
    if (inFlight.size >= mostInFlight) {
      return tally.note(`not sent, because ${mostInFlight} requests waited for an answer`, clock.now());
    }
    const request = observe(question, { agents, fresh, clock }).then((observation) => {
      tally.add(observation);
      inFlight.delete(request);
    });
    inFlight.add(request);
  };
  const pause = () => tally.note(`this runner paused for more than ${longPauseMs} ms and saw nothing`, clock.now());
  const sending = keepPace({ intervalMs: 1000 / ratePerSecond, clock, send, pause, signal: stopped.signal });

  return {
    async answered(by, deadlineMs) {
      const deadline = clock.now() + deadlineMs;
      for (;;) {
        const { firstNewAt, lastOldAt } = tally.summary();
        if (firstNewAt !== undefined || (by === 'any' && lastOldAt !== undefined)) return true;
        if (clock.now() >= deadline || stopped.signal.aborted) return false;
        await clock.sleep(pollMs, stopped.signal);
      }
    },
    async stop() {
      if (!stopped.signal.aborted) tally.close(clock.now());
      stopped.abort();
      await sending;
      await Promise.all(inFlight);
      agents.reused.destroy();
      agents.fresh.destroy();
      return tally.summary();
    },
  };
}

interface Pace {
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly send: (fresh: boolean) => void;
  readonly pause: () => void;
  readonly signal: AbortSignal;
}

/** What a pause of the runner kept from being sent is not sent later in a burst: that would say nothing about the fleet. */
async function keepPace({ intervalMs, clock, send, pause, signal }: Pace): Promise<void> {
  let due = clock.now();
  for (let turn = 0; !signal.aborted; turn += 1) {
    if (clock.now() - due > longPauseMs) pause();
    send(turn % 2 === 1);
    due = Math.max(due + intervalMs, clock.now());
    await clock.sleep(due - clock.now(), signal);
  }
}

interface Agents {
  readonly reused: HttpAgent;
  readonly fresh: HttpAgent;
}

function openAgents({ protocol }: URL): Agents {
  const Agent = protocol === 'https:' ? HttpsAgent : HttpAgent;
  return { reused: new Agent({ keepAlive: true }), fresh: new Agent({ keepAlive: false }) };
}

interface Means {
  readonly agents: Agents;
  readonly fresh: boolean;
  readonly clock: Clock;
}

async function observe(question: Question, { agents, fresh, clock }: Means): Promise<Observation> {
  const started = clock.now();
  const first = await ask(question, fresh ? agents.fresh : agents.reused);
  const { answer } = first.unheard ? await ask(question, agents.fresh) : first;
  return { started, ended: clock.now(), answer, retried: first.unheard };
}
