import { describe, expect, test } from 'vitest';
import { median } from '../../bench/figures.ts';
import { duration, flipsTable, othersTable, stagingTable } from '../../bench/tables.ts';

const seen = { requests: 12_345, failed: 0, mixed: 1_024 };

describe('the tables of a benchmark', () => {
  test.each([
    [0, '0 ms'],
    [0.94, '0.9 ms'],
    [9.96, '10 ms'],
    [12.6, '13 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [4_580, '4.6 s'],
    [undefined, '–'],
  ])('%s milliseconds read as %s', (milliseconds, expected) => {
    expect(duration(milliseconds)).toBe(expected);
  });

  test('a way that was skipped says why, in as many columns as the others', () => {
    const measured = {
      way: 'script',
      instances: 64,
      rounds: 3,
      wholeMs: 20_000,
      flipMs: 900,
      mixedMs: 0,
      outageMs: 31,
    };
    const table = othersTable([
      { ...measured, ...seen },
      { way: 'Ansible', skipped: 'not installed' },
    ]);
    expect(table.split('\n')).toEqual([
      '| way | instances | rounds | whole | copy | flip | requests | failed | mixed | mixed for | outage |',
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
      '| script | 4 × 64 | 3 | 20.0 s | – | 900 ms | 12,345 | 0 | 1,024 | 0 ms | 31 ms |',
      '| Ansible | not installed | – | – | – | – | – | – | – | – | – |',
    ]);
  });

  test('a flip stands beside its floor, where it has one', () => {
    const flip = { instances: 64, rounds: 20, flipMs: 4_000, slowestFlipMs: 5_100, cutoverMs: 2, slowestCutoverMs: 12 };
    const rows = flipsTable([
      { strategy: 'swap', by: 'pointer', ...flip, ...seen, floorMs: 3_800, flipToFloor: 1.049 },
      { strategy: 'blue-green', by: 'pointer', ...flip, ...seen },
    ]).split('\n');
    expect(rows.slice(2)).toEqual([
      '| swap by pointer | 4 × 64 | 20 | 4.0 s | 5.1 s | 2.0 ms | 12 ms | 3.8 s | 1.05 | 12,345 | 0 | 1,024 |',
      '| blue-green by pointer | 4 × 64 | 20 | 4.0 s | 5.1 s | 2.0 ms | 12 ms | – | – | 12,345 | 0 | 1,024 |',
    ]);
  });

  test('staging has a row for the first copy and one for a change', () => {
    const firstCopyMs = { fleetflip: 900, rsync: 1_000 };
    const changeMs = { fleetflip: 300, rsyncLinkDest: 400, rsyncInPlace: 350 };
    const table = stagingTable([{ files: 2_000, bytes: 24e6, servers: 4, rounds: 5, firstCopyMs, changeMs }]);
    expect(table.split('\n').slice(2)).toEqual([
      '| 2,000 files, 24 MB, first copy | 4 | 5 | 900 ms | 1.0 s | – |',
      '| a 3 % change of it | 4 | 5 | 300 ms | 400 ms | 350 ms |',
    ]);
  });
});

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[10, 2, 4, 1], 3],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});
