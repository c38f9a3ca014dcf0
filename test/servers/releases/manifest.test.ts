import { expect, test } from 'vitest';
import { manifestOf, manifestText, parseReleaseSize } from '../../../src/servers/releases/manifest.ts';

const file = (path: string, size: number, executable = false) => ({
  path,
  sha256: 'ab'.repeat(32),
  size,
  executable,
  modifiedAt: 0,
});

test('the text has one line for each thing, in the same order whatever order it was found in', () => {
  const parts = {
    files: [file('b', 2), file('a/run', 1, true)],
    links: [{ path: 'l', target: 'a b' }],
    folders: ['z', 'a'],
  };
  const turned = { files: parts.files.toReversed(), links: parts.links, folders: ['a', 'z'] };
  const text = manifestText(manifestOf(parts));
  expect(text.split('\n')).toEqual([
    '# fleetflip manifest 1: 2 files, 3 bytes',
    `x ${'ab'.repeat(32)} ./a/run`,
    `f ${'ab'.repeat(32)} ./b`,
    'l - ./l\ta b',
    'd - ./a',
    'd - ./z',
    '',
  ]);
  expect(manifestText(manifestOf(turned))).toBe(text);
});

test('the first line says how much it is', () => {
  const text = manifestText(manifestOf({ files: [file('a', 20)], links: [], folders: [] }));
  expect(parseReleaseSize(text.split('\n')[0] ?? '')).toEqual({ files: 1, bytes: 20 });
  expect(parseReleaseSize('# something else')).toBeUndefined();
});
