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

interface State {
  stale: boolean;
  final: boolean;
  writing: boolean;
  stopped: boolean;
  turnAt: number;
  pausedUntil: number;
  timer: NodeJS.Timeout | undefined;
  waiters: (() => void)[];
}

/** Milliseconds until the next write may begin. The last word waits for no turn, but for a limit it does. */
const dueIn = ({ final, pausedUntil, turnAt }: State): number =>
  Math.max(pausedUntil, final ? Number.NEGATIVE_INFINITY : turnAt) - performance.now();

const pending = ({ stopped, stale, writing }: State): boolean => !stopped && (stale || writing);

function wake(state: State): void {
  const { waiters } = state;
  state.waiters = [];
  for (const waiter of waiters) waiter();
}

async function turn(state: State, options: ChannelOptions): Promise<void> {
  state.writing = true;
  state.stale = false;
  state.turnAt = performance.now() + options.everyMs;
  const verdict = await options.write();
  state.writing = false;
  if (verdict.next === 'stop') state.stopped = true;
  if (verdict.next === 'again') {
    state.stale = true;
    state.pausedUntil = performance.now() + verdict.afterMs;
  }
  wake(state);
  schedule(state, options);
}

function schedule(state: State, options: ChannelOptions): void {
  clearTimeout(state.timer);
  if (state.writing || state.stopped || !state.stale) return;
  const due = dueIn(state);
  if (due <= 0) void turn(state, options);
  else state.timer = setTimeout(() => void turn(state, options), due).unref();
}

async function settle(state: State, options: ChannelOptions, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  let over = false;
  state.final = true;
  schedule(state, options);
  const alarm = setTimeout(() => {
    over = true;
    wake(state);
  }, deadlineMs);
  const withinReach = () => state.writing || performance.now() + dueIn(state) < end;
  while (pending(state) && !over && withinReach()) await new Promise<void>((resolve) => state.waiters.push(resolve));
  clearTimeout(alarm);
  clearTimeout(state.timer);
  const written = !pending(state);
  state.stopped = true;
  return written;
}

/** Writes one thing at a time, not too often, the newest state only. Who pokes it never waits. */
export function createChannel(options: ChannelOptions): Channel {
  const never = Number.NEGATIVE_INFINITY;
  const state: State = {
    stale: false,
    final: false,
    writing: false,
    stopped: false,
    turnAt: never,
    pausedUntil: never,
    timer: undefined,
    waiters: [],
  };
  const poke = () => {
    state.stale = true;
    schedule(state, options);
  };
  return {
    poke,
    finish() {
      state.final = true;
      poke();
    },
    settle: (deadlineMs) => settle(state, options, deadlineMs),
  };
}
