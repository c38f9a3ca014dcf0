import { expect, test } from 'vitest';
import { parseRecords, summarise, type TrafficRecord } from '../../lab/traffic-records.ts';

const record = (start: number, end: number, release: string, status = 200): TrafficRecord => ({
  start,
  end,
  status,
  error: 0,
  release,
  retries: 0,
  closing: false,
});

test('a request is mixed when it started after somebody had the new answer, not when it merely ended after it', () => {
  const records = [
    record(0, 10, 'old'),
    record(5, 20, 'new'),
    record(15, 30, 'old'),
    record(21, 31, 'old'),
    record(40, 45, 'old'),
  ];
  expect(summarise(records, 'new')).toMatchObject({ mixed: 2, mixedMs: 20, firstNewAt: 20, lastOldAt: 40, failed: 0 });
});

test('an outage is the longest time without a good answer, also before the first and after the last one', () => {
  const bad = record(100, 190, '', 0);
  expect(summarise([record(0, 10, 'old'), record(20, 30, 'old'), bad], 'new').outageMs).toBe(160);
  expect(summarise([bad, record(195, 200, 'old')], 'new').outageMs).toBe(100);
});

test('what failed is counted and shown, and never counts as an answer of the old release', () => {
  const records = [
    record(0, 10, 'new'),
    record(20, 30, 'old', 503),
    { ...record(20, 30, '', 0), error: 104, retries: 1 },
  ];
  expect(summarise(records, 'new')).toMatchObject({ failed: 2, mixed: 0, retried: 1, samples: ['503', 'errno 104'] });
});

test('records are read as the traffic program writes them', () => {
  const bytes = Buffer.alloc(24);
  bytes.writeBigUInt64LE(1_500_000n, 0);
  bytes.writeBigUInt64LE(2_000_000n, 8);
  bytes.writeInt16LE(200, 16);
  bytes.writeUInt16LE(2, 20);
  bytes.writeUInt8(1, 23);
  const file = Buffer.concat([Buffer.from('r1\nr2\n\n'), bytes]);
  expect(parseRecords(file)).toEqual([{ ...record(1.5, 2, 'r2'), closing: true }]);
  expect(parseRecords(Buffer.concat([Buffer.from('\n'), bytes]))[0]?.release).toBe('');
});
