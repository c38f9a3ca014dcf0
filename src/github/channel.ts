/** What became of one write. */
export type Verdict =
  | { readonly next: 'done' }
  /** Worth another try, but not before `afterMs`. */
  | { readonly next: 'again'; readonly afterMs: number }
  /** Never write here again. */
  | { readonly next: 'stop' };

export interface Channel {
  /** There is something new to write; when it is written, the newest counts. */
  poke(): void;
  /** There is something new, and nothing will follow: it does not wait for its turn. */
  finish(): void;
  /** Resolves with whether everything is written, after `deadlineMs` at the latest, and at once when it is out of reach. */
  settle(deadlineMs: number): Promise<boolean>;
}

export interface ChannelOptions {
  /** Writes what is newest at this moment. Must not reject. */
  readonly write: () => Promise<Verdict>;
  /** Milliseconds between the beginnings of two writes. */
  readonly everyMs: number;
}

/** Writes one thing at a time, not too often, the newest state only. Who pokes it never waits. */
export function createChannel({ write, everyMs }: ChannelOptions): Channel {
  let stale = false;
  let final = false;
  let writing = false;
  let stopped = false;
  let turnAt = Number.NEGATIVE_INFINITY;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let waiters: (() => void)[] = [];
  const pending = () => !stopped && (stale || writing);
  const dueIn = () => Math.max(pausedUntil, final ? Number.NEGATIVE_INFINITY : turnAt) - performance.now();
  const wake = () => {
    const woken = waiters;
    waiters = [];
    for (const waiter of woken) waiter();
  };
  const turn = async () => {
    writing = true;
    stale = false;
    turnAt = performance.now() + everyMs;
    const verdict = await write();
    writing = false;
    if (verdict.next === 'stop') stopped = true;
    if (verdict.next === 'again') {
      stale = true;
      pausedUntil = performance.now() + verdict.afterMs;
    }
    wake();
    schedule();
  };
  const schedule = () => {
    clearTimeout(timer);
    if (writing || stopped || !stale) return;
    const due = dueIn();
    if (due <= 0) void turn();
    else timer = setTimeout(() => void turn(), due).unref();
  };
  const changed = () =>
    new Promise<void>((resolve) => {
      waiters.push(resolve);
    });
  return {
    poke() {
      stale = true;
      schedule();
    },
    finish() {
      stale = true;
      final = true;
      schedule();
    },
    async settle(deadlineMs) {
      const end = performance.now() + deadlineMs;
      final = true;
      schedule();
      const alarm = setTimeout(wake, deadlineMs);
      while (pending() && performance.now() < end && (writing || performance.now() + dueIn() < end)) await changed();
      clearTimeout(alarm);
      clearTimeout(timer);
      const written = !pending();
      stopped = true;
      return written;
    },
  };
}
