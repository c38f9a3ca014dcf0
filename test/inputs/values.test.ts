import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { duration, someTime } from '../../src/inputs/values/duration.ts';
import { names } from '../../src/inputs/values/names.ts';
import { ports } from '../../src/inputs/values/ports.ts';
import { rate } from '../../src/inputs/values/rate.ts';
import { releaseId } from '../../src/inputs/values/release-id.ts';
import { countOrPercent, shareOf } from '../../src/inputs/values/share.ts';
import { absolutePath, address, relativePath, template } from '../../src/inputs/values/text.ts';

const accepts = (schema: z.ZodType, value: unknown): boolean => schema.safeParse(value).success;

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['24h', 86_400_000],
  ])('%s is %i ms', (text, milliseconds) => expect(duration.parse(text)).toBe(milliseconds));

  it.each(['', '5', 's', '-1s', '1 s', '1d', '1e3s', '25h', '.5s', '1s\n', '١s'])('is not %j', (text) =>
    expect(accepts(duration, text)).toBe(false),
  );

  it('of nothing is none where one is needed', () => expect(accepts(someTime, '0s')).toBe(false));
});

describe('ports', () => {
  it.each([
    [8001, [8001]],
    ['8001', [8001]],
    ['1-3', [1, 2, 3]],
    [
      ['1-2', 9, '65535'],
      [1, 2, 9, 65_535],
    ],
  ])('%j', (written, expected) => expect(ports.parse(written)).toEqual(expected));

  it.each([0, 65_536, 1.5, '0-1', '3-1', '1-65536', '1-', '1-2-3', '', [], [1, 1], ['1-3', 2]])(
    'are not %j',
    (written) => expect(accepts(ports, written)).toBe(false),
  );

  it('of a range are as many as it is long', () => {
    const bounds = fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }));
    fc.assert(
      fc.property(bounds, ([one, other]) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const all = ports.parse(`${from}-${to}`);
        expect([all.length, all[0], all.at(-1)]).toEqual([to - from + 1, from, to]);
      }),
    );
  });
});

describe('names', () => {
  it.each([
    ['web', ['web']],
    ['web-[1-3].example.com', ['web-1.example.com', 'web-2.example.com', 'web-3.example.com']],
    ['web-[09-11]', ['web-09', 'web-10', 'web-11']],
    ['[1-2]r[1-2]', ['1r1', '1r2', '2r1', '2r2']],
  ])('%s', (text, expected) => expect(names.parse(text)).toEqual(expected));

  it.each([
    '',
    '-x',
    'x-',
    'a b',
    'a;b',
    'a/b',
    '$(x)',
    'web-[3-1]',
    'web-[1-10001]',
    '[1-999][1-999]',
    'web-[1-2',
    '../x',
    'a\n',
  ])('are not %j', (text) => expect(accepts(names, text)).toBe(false));
});

describe('a share', () => {
  it.each([
    ['75%', 0.75],
    ['0%', 0],
    ['1/3', 1 / 3],
    ['2', 0.5],
    [2, 0.5],
  ])('%j of four is %d', (written, share) => expect(shareOf(countOrPercent.parse(written), 4)).toBeCloseTo(share, 10));

  it.each(['101%', '4/3', '1/0', '-1', -1, 1.5, '', '%', '1/'])('is not %j', (written) =>
    expect(accepts(countOrPercent, written)).toBe(false),
  );
});

describe('a rate', () => {
  it('is per second', () => expect([rate.parse('50/s'), rate.parse('30/m')]).toEqual([50, 0.5]));
  it.each(['50', '0/s', '1001/s', '/s', '1/h'])('is not %j', (text) => expect(accepts(rate, text)).toBe(false));
});

describe('a release id', () => {
  it.each(['v1.2.3', '0a1b2c', 'a'.repeat(128)])('may be %s', (id) => expect(accepts(releaseId, id)).toBe(true));
  it.each(['', '.', '..', 'a..b', '../x', 'a/b', '-rf', 'a b', 'a;b', '$(x)', 'a\n', 'é', 'a'.repeat(129)])(
    'is not %j',
    (id) => expect(accepts(releaseId, id)).toBe(false),
  );
});

describe('text', () => {
  it.each(['/srv/shop', '/srv/..shop'])('%s is an absolute path', (path) =>
    expect(accepts(absolutePath, path)).toBe(true),
  );
  it.each(['srv', '/', '//', '/srv/../etc', '/srv\n/x', ''])('%j is no absolute path', (path) =>
    expect(accepts(absolutePath, path)).toBe(false),
  );
  it.each(['/a', '../a', 'a/..', './a', 'a/', ''])('%j is no relative path', (path) =>
    expect(accepts(relativePath, path)).toBe(false),
  );
  it.each(['ftp://x/', 'x', 'http://', 'https://user:secret@x/', 'javascript:alert(1)'])('%j is no address', (text) =>
    expect(accepts(address, text)).toBe(false),
  );
  it('has only placeholders that are known', () => {
    const member = template(['server', 'port']);
    expect(accepts(member, '{server}-{port}')).toBe(true);
    expect(accepts(member, '{serve}')).toBe(false);
    expect(accepts(member, '{}')).toBe(false);
  });
});
