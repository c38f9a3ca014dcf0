/** One request as its client saw it. Milliseconds of CLOCK_MONOTONIC, which `performance` and `process.hrtime` use too. */
export interface TrafficRecord {
  readonly start: number;
  readonly end: number;
  /** 0: no complete answer. */
  readonly status: number;
  /** errno where there was no complete answer. */
  readonly error: number;
  /** What X-Release said; empty where it was missing. */
  readonly release: string;
  readonly retries: number;
  /** Sent by a client that opens a connection per request. */
  readonly closing: boolean;
}

/** In the order in which the requests ended. */
export type TrafficRecords = readonly TrafficRecord[];

const recordSize = 24;

/** Reads what lab/native/traffic.c wrote. */
export function parseRecords(file: Buffer): TrafficRecords {
  const headEnd = file.indexOf('\n\n');
  const empty = file[0] === 0x0a;
  const names = empty ? [] : file.subarray(0, headEnd).toString().split('\n');
  const body = file.subarray(empty ? 1 : headEnd + 2);
  return Array.from({ length: Math.floor(body.length / recordSize) }, (_, index) =>
    parseRecord(body.subarray(index * recordSize), names),
  );
}

const parseRecord = (bytes: Buffer, names: readonly string[]): TrafficRecord => ({
  start: Number(bytes.readBigUInt64LE(0)) / 1e6,
  end: Number(bytes.readBigUInt64LE(8)) / 1e6,
  status: bytes.readInt16LE(16),
  error: bytes.readUInt16LE(18),
  release: names[bytes.readUInt16LE(20) - 1] ?? '',
  retries: bytes.readUInt8(22),
  closing: bytes.readUInt8(23) === 1,
});

/** What users saw of a deploy. Milliseconds. */
export interface TrafficSummary {
  readonly requests: number;
  /** Answers other than 200, and none at all. */
  readonly failed: number;
  /** Requests that their client had to send twice. */
  readonly retried: number;
  /** Requests that started after somebody had received the new release's first answer, and were answered by another. */
  readonly mixed: number;
  /** From the first new answer to the start of the last mixed request; 0 where none was mixed. */
  readonly mixedMs: number;
  /** Longest time without one good answer. */
  readonly outageMs: number;
  /** End of the first new answer, start of the last request that another release answered (CLOCK_MONOTONIC). */
  readonly firstNewAt?: number;
  readonly lastOldAt?: number;
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  /** The first few failures: `503`, or `errno 104`. */
  readonly samples: readonly string[];
}

/** Judges the records by themselves: nothing that the product measured is used. */
export function summarise(records: TrafficRecords, release: string): TrafficSummary {
  const good = records.filter((record) => record.status === 200);
  const bad = records.filter((record) => record.status !== 200);
  const firstNewAt = least(good.filter((record) => record.release === release).map((record) => record.end));
  const others = good.filter((record) => record.release !== release).map((record) => record.start);
  const mixed = firstNewAt === undefined ? [] : others.filter((start) => start > firstNewAt);
  const lastOldAt = greatest(others);
  return {
    requests: records.length,
    failed: bad.length,
    retried: records.filter((record) => record.retries > 0).length,
    mixed: mixed.length,
    mixedMs: firstNewAt === undefined ? 0 : (greatest(mixed) ?? firstNewAt) - firstNewAt,
    outageMs: longestGap(records, good),
    ...(firstNewAt === undefined ? {} : { firstNewAt }),
    ...(lastOldAt === undefined ? {} : { lastOldAt }),
    latency: latency(good.map((record) => record.end - record.start)),
    samples: bad.slice(0, 5).map((record) => (record.status ? String(record.status) : `errno ${record.error}`)),
  };
}

/** Between two good answers, and at both ends of the whole time in which requests were sent. */
function longestGap(records: TrafficRecords, good: TrafficRecords): number {
  const begin = least(records.map((record) => record.start)) ?? 0;
  const end = greatest(records.map((record) => record.end)) ?? 0;
  const moments = [begin, ...good.map((record) => record.end).sort((a, b) => a - b), end];
  return moments.reduce((longest, moment, index) => Math.max(longest, moment - (moments[index - 1] ?? moment)), 0);
}

function latency(times: number[]): TrafficSummary['latency'] {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

// `Math.min(...values)` overflows the stack at about 100,000 values.
const least = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => (b < a ? b : a));
const greatest = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => (b > a ? b : a));
