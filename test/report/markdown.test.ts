import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, cut, fenced, inline, link, plain, sentence } from '../../src/report/markdown.ts';

describe('text of others', () => {
  it('mentions nobody and refers to nothing', () => {
    const text = inline('ask @octocat about #12, GH-7 and https://github.com/acme/shop/issues/1');
    const seen = text.replace(/&#(\d+);/g, (_, point) => String.fromCodePoint(Number(point)));
    expect(seen).not.toMatch(/@\w|#\d|GH-\d|:\/\//);
    expect(seen.replaceAll('\u200b', '')).toBe(
      'ask @octocat about #12, GH-7 and https://github.com/acme/shop/issues/1',
    );
  });

  it('becomes no markup, link or HTML', () => {
    expect(inline('<img src=x> **b** [a](http://b) | `c`')).not.toMatch(/[<>*[\]|`]/);
  });

  it('stays on one line and loses colours and direction overrides', () => {
    expect(inline('\u001b[31mred\u001b[0m\r\nnext \u202egnp')).toBe('red next gnp');
    expect(plain('\u001b]8;;http://evil\u0007link\u001b]8;;\u0007')).toBe('link');
  });

  it('stands in code as it is', () => {
    expect(code('web-1')).toBe('`web-1`');
    expect(code('a`b|<c>@d')).toBe('<code>a&#96;b&#124;&#60;c&#62;&#64;d</code>');
  });

  it('keeps what its author marked as code', () => {
    expect(sentence('set `startsecs` to 0 * now')).toBe('set `startsecs` to 0 &#42; now');
    expect(sentence('one ` alone')).toBe('one &#96; alone');
  });

  it('cannot leave a fence', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('`', '```', '````', '\n', '~~~', 'a', '\r')), (pieces) => {
        const [fence = '', ...lines] = fenced(pieces.join('')).split('\n');
        const closing = fence.replace('text', '');
        const ends = lines.flatMap((line, index) => (line.trim().startsWith(closing) ? [index] : []));
        expect(ends).toEqual([lines.length - 1]);
      }),
    );
  });

  it('is cut in lines and characters', () => {
    const long = fenced(Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n'), { lines: 3 });
    expect(long).toBe('```text\nline 0\nline 1\nline 2\n… 97 more lines\n```');
    expect(fenced('x'.repeat(10_000)).length).toBeLessThan(2_100);
  });

  it('is never cut inside a character', () => {
    expect(cut('ab😀cd', 4)).toBe('ab…');
    expect(cut('ab😀', 4)).toBe('ab😀');
  });

  it('links to web addresses only', () => {
    expect(link('log', 'https://a.test/x?y=1')).toBe('[log](https://a.test/x?y=1)');
    expect(link('log', 'javascript:alert(1)')).toBe('log');
    expect(link('log', 'https://a.test/) [x](https://evil.test')).toBe('log');
  });
});
