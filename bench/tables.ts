import type { z } from 'zod';
import { labDefaults } from '../lab/options.ts';
import type { Flips, Others, Staging } from './results.ts';

type Cell = string | number;

function markdown(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, column) => (column === 0 ? '---' : '---:')));
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Two digits that count: 0.9 ms, 13 ms, 870 ms, 4.6 s. */
export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '–';
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds === 0 || milliseconds >= 9.95 ? 0 : 1)} ms`;
}

const instances = (one: { readonly instances: number }): string => `${labDefaults.servers} × ${one.instances}`;

const count = (value: number): string => value.toLocaleString('en');

export function othersTable(results: readonly z.infer<typeof Others>[]): string {
  const head = [
    'way',
    'instances',
    'rounds',
    'whole',
    'copy',
    'flip',
    'requests',
    'failed',
    'mixed',
    'mixed for',
    'outage',
  ];
  const rows = results.map((one) =>
    'skipped' in one
      ? [one.way, one.skipped, ...head.slice(2).map(() => '–')]
      : [
          one.way,
          instances(one),
          one.rounds,
          ...[one.wholeMs, one.copyMs, one.flipMs].map(duration),
          ...[one.requests, one.failed, one.mixed].map(count),
          ...[one.mixedMs, one.outageMs].map(duration),
        ],
  );
  return markdown(head, rows);
}

export function flipsTable(results: readonly z.infer<typeof Flips>[]): string {
  const head = [
    'strategy',
    'instances',
    'rounds',
    'flip',
    'slowest',
    'cutover',
    'slowest',
    'floor',
    'flip ÷ floor',
    'requests',
    'failed',
    'mixed',
  ];
  const rows = results.map((one) => [
    `${one.strategy} by ${one.by}`,
    instances(one),
    one.rounds,
    ...[one.flipMs, one.slowestFlipMs, one.cutoverMs, one.slowestCutoverMs, one.floorMs].map(duration),
    one.flipToFloor?.toFixed(2) ?? '–',
    ...[one.requests, one.failed, one.mixed].map(count),
  ]);
  return markdown(head, rows);
}

export function stagingTable(results: readonly z.infer<typeof Staging>[]): string {
  const head = [
    'release',
    'servers',
    'rounds',
    'Fleetflip, verified',
    'rsync, new folder',
    'rsync, onto the live tree',
  ];
  const rows = results.flatMap(({ files, bytes, servers, rounds, firstCopyMs, changeMs }) => [
    [
      `${count(files)} files, ${Math.round(bytes / 1e6)} MB, first copy`,
      servers,
      rounds,
      ...[firstCopyMs.fleetflip, firstCopyMs.rsync, undefined].map(duration),
    ],
    [
      'a 3 % change of it',
      servers,
      rounds,
      ...[changeMs.fleetflip, changeMs.rsyncLinkDest, changeMs.rsyncInPlace].map(duration),
    ],
  ]);
  return markdown(head, rows);
}
