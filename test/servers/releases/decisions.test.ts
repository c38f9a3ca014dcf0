import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basePath, releaseNamedBy, sharedTarget } from '../../../src/servers/releases/layout.ts';
import { parseReleases } from '../../../src/servers/releases/observe.ts';
import { superfluous } from '../../../src/servers/releases/prune.ts';
import { parseAnswer } from '../../../src/servers/releases/reconcile.ts';
import { suspiciouslyShrunken } from '../../../src/servers/releases/shrunken.ts';
import { chooseTransport, rsyncPaysFrom } from '../../../src/servers/releases/transports/choose.ts';
import { causeIn, shortOfSpace } from '../../../src/servers/releases/trouble.ts';
import { localServer } from '../../support/local-server.ts';

describe('suspiciouslyShrunken', () => {
  const live = { files: 100, bytes: 1000 };
  test.each([
    [{ files: 100, bytes: 1000 }, false],
    [{ files: 50, bytes: 500 }, false],
    [{ files: 49, bytes: 1000 }, true],
    [{ files: 100, bytes: 499 }, true],
    [{ files: 1000, bytes: 1 }, true],
  ])('%j beside 100 files and 1000 bytes: %s', (size, refused) => {
    expect(suspiciouslyShrunken(size, live) !== undefined).toBe(refused);
  });

  test('a handful of files may shrink to one', () => {
    expect(suspiciouslyShrunken({ files: 1, bytes: 1 }, { files: 9, bytes: 1000 })).toBeUndefined();
  });
});

describe('layout', () => {
  test('the base folder may depend on the server, and ends without a slash', () => {
    const config = { path: '/srv/{server}/shop/', transfer: 'auto', keep: 5, shared: [] } as const;
    expect(basePath(config, localServer('web-1'))).toBe('/srv/web-1/shop');
  });

  test('links into shared/ climb as far as they lie deep', () => {
    expect(sharedTarget('media')).toBe('../../shared/media');
    expect(sharedTarget('a/b')).toBe('../../../shared/a/b');
  });

  test.each([
    ['releases/r1', 'r1'],
    ['/srv/shop/releases/r1/', 'r1'],
    ['elsewhere/r1', undefined],
    ['releases/r1/sub', undefined],
    ['myreleases/r1', undefined],
  ])('a pointer to %s names %s', (target, id) => {
    expect(releaseNamedBy(target)).toBe(id);
  });
});

describe('superfluous', () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 12 });
  const seen = ids.chain((releases) =>
    fc.record({
      releases: fc.constant(releases),
      named: fc.subarray(releases),
      protectedIds: fc.subarray(releases),
      keep: fc.nat(8),
    }),
  );

  test('never names what is named or protected, keeps as many as asked, and the newest', () => {
    fc.assert(
      fc.property(seen, ({ releases, named, protectedIds, keep }) => {
        const gone = superfluous({ releases, named, sizes: {}, pointers: {} }, keep, protectedIds);
        const left = releases.filter((id) => !gone.includes(id));
        const mustStay = new Set([...named, ...protectedIds]);
        expect(gone.some((id) => mustStay.has(id))).toBe(false);
        expect(left).toHaveLength(Math.max(Math.min(keep, releases.length), mustStay.size));
        const free = releases.filter((id) => !mustStay.has(id));
        expect(free.slice(free.length - gone.length)).toEqual(gone);
      }),
    );
  });
});

describe('parseAnswer', () => {
  test('an answer that was cut short is none', () => {
    expect(parseAnswer('need ./a\nneed ./b')).toBeUndefined();
    expect(parseAnswer('')).toBeUndefined();
  });

  test('needs, with tools, base and the free space in kilobytes', () => {
    const df = 'space /dev/mapper/a b 264212084 24844224  81546688      24% /srv';
    expect(parseAnswer(`need ./a b\nneed ././c\ntool tar\ntool rsync\nbase /srv/releases/r1\n${df}\nend\n`)).toEqual({
      state: 'needs',
      paths: ['a b', './c'],
      tools: new Set(['tar', 'rsync']),
      base: '/srv/releases/r1',
      freeKilobytes: 81546688,
    });
  });

  test('a file that is called like an answer is a file', () => {
    expect(parseAnswer('need ./staged\nneed ./all\nend\n')).toMatchObject({ state: 'needs', paths: ['staged', 'all'] });
  });
});

test('parseReleases leaves out what has no readable manifest', () => {
  const text = 'release r2|# fleetflip manifest 1: 1 files, 2 bytes\nrelease bad|garbage\nlink blue|releases/r2\n';
  expect(parseReleases(text, ['blue', 'green'])).toMatchObject({ releases: ['r2'], pointers: { blue: 'r2' } });
});

describe('chooseTransport', () => {
  const all = new Set(['tar', 'gzip', 'rsync'] as const);
  const choice = { wanted: 'auto', tools: all, runnerHasRsync: true, changedBytes: 0, where: 'web-1' } as const;
  test.each([
    ['tar by itself', {}, 'tar'],
    ['rsync for large changes', { changedBytes: rsyncPaysFrom }, 'rsync'],
    [
      'tar for large changes where the runner has no rsync',
      { changedBytes: rsyncPaysFrom, runnerHasRsync: false },
      'tar',
    ],
    ['rsync where there is no tar', { tools: new Set(['rsync'] as const) }, 'rsync'],
    ['SFTP where there is neither', { tools: new Set<never>() }, 'scp'],
    ['what is configured', { wanted: 'scp' }, 'scp'],
  ] as const)('%s', (_, changes, expected) => {
    expect(chooseTransport({ ...choice, ...changes })).toEqual({ ok: true, value: expected });
  });

  test.each([
    [{ wanted: 'rsync', runnerHasRsync: false }, 'rsync is missing on the runner'],
    [{ wanted: 'rsync', tools: new Set<never>() }, 'rsync is missing on the server'],
    [{ wanted: 'tar', tools: new Set<never>() }, 'tar is missing on the server'],
  ] as const)('%j is refused', (changes, what) => {
    expect(chooseTransport({ ...choice, ...changes })).toMatchObject({ ok: false, failure: { what, where: 'web-1' } });
  });
});

test('files need whole blocks of disk', () => {
  const file = { path: 'a', sha256: '', size: 1, executable: false, modifiedAt: 0 };
  expect(shortOfSpace([file, file], 8)).toBeUndefined();
  expect(shortOfSpace([file, file], 7)?.what).toBe(
    'the disk of the release folder is full: 8 kB are needed, 7 kB are free',
  );
  expect(shortOfSpace([file], undefined)).toBeUndefined();
});

test.each([
  ['tar: ./a: Cannot write: No space left on device', 'the disk of the release folder is full'],
  ['mkdir: cannot create directory: Read-only file system', 'the file system of the release folder is read-only'],
  ["mkdir: can't create directory 'x': Permission denied", 'the SSH user may not write to the release folder'],
  ['something else', undefined],
])('%s: %s', (words, cause) => {
  expect(causeIn(words)).toBe(cause);
});
