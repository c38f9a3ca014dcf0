import type { ReleaseId } from '../fleet/nouns.ts';
import type { WitnessSummary } from '../report/events.ts';

/** One request of the witness, as it ended. Times are milliseconds since the start of the run. */
export interface Observation {
  readonly started: number;
  /** When the whole answer had come, or when it was clear that it would not. */
  readonly ended: number;
  /** A good answer is a complete 2xx; `release` is missing where it named none. */
  readonly answer:
    | { readonly good: true; readonly release?: ReleaseId }
    | { readonly good: false; readonly why: string };
  /** Sent a second time, because a reused connection was closed before any byte of an answer. */
  readonly retried: boolean;
}

/** Figures over any number of observations in constant memory. */
export interface Tally {
  /** Observations come in the order in which they ended. */
  add(observation: Observation): void;
  /** Something besides an answer that a reader of the figures has to know. Told once, with the number of times. */
  note(what: string, at: number): void;
  /** No request starts after this moment: the end of the time in which an outage is looked for. */
  close(until: number): void;
  summary(): WitnessSummary;
}

export interface Watch {
  readonly wanted: ReleaseId;
  /** When the first request was due. */
  readonly from: number;
}

export function startTally({ wanted, from }: Watch): Tally {
  const count = { requests: 0, failed: 0, mixed: 0, retried: 0 };
  const samples = startSamples();
  const gap = longestGap(from);
  let firstNewAt: number | undefined;
  let lastOldAt: number | undefined;
  let mixedMs = 0;
  const old = ({ started, ended }: Observation, release: ReleaseId | undefined) => {
    lastOldAt = ended;
    if (firstNewAt === undefined || started <= firstNewAt) return;
    count.mixed += 1;
    mixedMs = Math.max(mixedMs, started - firstNewAt);
    samples.note(`answered by ${release ?? 'no named release'} after the new release had answered`, started);
  };

  return {
    note: samples.note,
    close: gap.close,
    add(observation) {
      const { ended, answer, retried } = observation;
      count.requests += 1;
      if (retried) count.retried += 1;
      if (!answer.good) {
        count.failed += 1;
        return samples.note(answer.why, ended);
      }
      gap.end(ended);
      if (answer.release === wanted) firstNewAt ??= ended;
      else old(observation, answer.release);
    },
    summary: () => ({
      ...count,
      mixedMs,
      outageMs: gap.ms(),
      ...(firstNewAt !== undefined && { firstNewAt }),
      ...(lastOldAt !== undefined && { lastOldAt }),
      samples: samples.told(),
    }),
  };
}

/** The longest time between two moments in a row, until it is closed. */
function longestGap(from: number) {
  let last = from;
  let longest = 0;
  let closed = false;
  const end = (at: number) => {
    if (closed) return;
    longest = Math.max(longest, at - last);
    last = at;
  };
  return {
    end,
    close(at: number) {
      end(at);
      closed = true;
    },
    ms: () => longest,
  };
}

/** Kinds of bad answers that are told; those beyond only count. */
const kindsTold = 5;

function startSamples() {
  const kinds = new Map<string, { times: number; readonly firstAt: number }>();
  return {
    note(what: string, at: number) {
      const known = kinds.get(what);
      if (known) known.times += 1;
      else if (kinds.size < kindsTold) kinds.set(what, { times: 1, firstAt: at });
    },
    told: () =>
      [...kinds].map(([what, { times, firstAt }]) => {
        const often = times === 1 ? 'once' : `${times} times, first`;
        return `${what}: ${often} ${(firstAt / 1000).toFixed(3)} s into the run`;
      }),
  };
}

/** What a set of observations in any order says about the time from `from` to `until`. */
export function verdict(
  observations: readonly Observation[],
  watch: Watch & { readonly until: number },
): WitnessSummary {
  const tally = startTally(watch);
  const ordered = [...observations].sort((one, other) => one.ended - other.ended);
  for (const observation of ordered.filter(({ ended }) => ended <= watch.until)) tally.add(observation);
  tally.close(watch.until);
  for (const observation of ordered.filter(({ ended }) => ended > watch.until)) tally.add(observation);
  return tally.summary();
}
