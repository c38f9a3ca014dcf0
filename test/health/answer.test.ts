import { describe, expect, it } from 'vitest';
import { answerOf, isReady, lackOf } from '../../src/health/answer.ts';

const byHeader = { path: '/', releaseHeader: 'X-Release', deadlineMs: 1 };
const byBody = { path: '/', deadlineMs: 1 };
const good = { status: 200, statusText: 'OK', body: '' };

describe('the answer of an instance', () => {
  it('is ready as the release that its header names', () => {
    const answer = answerOf({ ...good, releaseHeader: ' abc ' }, byHeader);
    expect([isReady(answer), lackOf(answer, 'abc', byHeader)]).toEqual([true, undefined]);
  });

  it('is ready as the release that its trimmed body names', () => {
    expect(lackOf(answerOf({ ...good, body: 'abc\n' }, byBody), 'abc', byBody)).toBeUndefined();
  });

  it.each([
    [{ ...good, releaseHeader: 'old' }, byHeader, '200 OK, but as release old instead of abc'],
    [{ ...good, body: 'abc' }, byHeader, '200 OK, but no release in the header X-Release'],
    [good, byBody, '200 OK, but no release in its body'],
    [{ status: 503, statusText: 'Busy', body: 'abc', releaseHeader: 'abc' }, byHeader, '503 Busy "abc"'],
    [{ status: 302, statusText: 'Found', body: '', releaseHeader: 'abc' }, byHeader, '302 Found'],
    [
      {
        status: 500,
        statusText: 'No\u0007',
        body: ` \u001b[1mdata\r\n::error::base\u202e is  gone${'!'.repeat(70_000)}`,
      },
      byHeader,
      `500 No "data ::error::base is gone${'!'.repeat(93)}…"`,
    ],
  ])('lacks something: %#', (response, health, lack) => {
    expect(lackOf(answerOf(response, health), 'abc', health)).toBe(lack);
  });
});
