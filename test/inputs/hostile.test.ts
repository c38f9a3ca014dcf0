import { describe, expect, it } from 'vitest';
import { fleetText, lines, mistakesOf, read } from './fleet-text.ts';

const told = (text: string): string[] => lines(read(text));

describe('YAML', () => {
  it('with syntax errors is refused with the place of each', () => {
    expect(told('a: [1, 2\nb: "x')).toEqual([
      expect.stringMatching(/^fleet.yml:2:1 .*sequence/),
      expect.stringMatching(/^fleet.yml:2:6 Missing closing "quote/),
    ]);
  });

  it.each([
    ['nothing', ''],
    ['only a comment', '# hello'],
    ['a list', '- a'],
    ['text', 'hello'],
  ])('that is %s is no fleet file', (_, text) => {
    expect(told(text)).toEqual([expect.stringMatching(/^fleet.yml:1:\d+ the file: .*must be a section with keys/)]);
  });

  it('has text as keys, each once', () => {
    expect(told('1: a\n? [x]\n: b\nnull: c\n"__proto__": 1\nb: 1\nb: 2')).toEqual([
      'fleet.yml:1:1 a key must be text: put it in quotes',
      'fleet.yml:2:3 a key must be text: put it in quotes',
      'fleet.yml:4:1 a key must be text: put it in quotes',
      'fleet.yml:7:1 b: the key comes twice',
    ]);
  });

  it('has one document and no tags', () => {
    expect(told('a: 1\n---\nb: 1')).toEqual(['fleet.yml:2:1 Source contains multiple documents']);
    expect(told('a: !!binary aGk=\nb: !!js/function x')).toEqual([
      expect.stringMatching(/^fleet.yml:1:4 Unresolved tag/),
      expect.stringMatching(/^fleet.yml:2:4 Unresolved tag/),
    ]);
  });

  it('may use an anchor', () => {
    expect(
      mistakesOf({ instances: 'instances: { slots: { blue: &p 8001, green: { servers: "web-[1-4]", ports: *p } } }' }),
    ).toEqual([expect.stringContaining('has port 8001 of blue')]);
  });

  it('cannot multiply itself, or contain itself', () => {
    const levels = 'abcdefgh'.split('').map((name, level, all) => {
      const item = level === 0 ? 'x' : `*${all[level - 1]}`;
      return `${name}: &${name} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
    });
    expect(told(levels.join('\n'))).toEqual(['fleet.yml the file repeats too much through aliases']);
    expect(told('app: &a [*a]')).toEqual(['fleet.yml:1:10 the alias *a stands inside what it repeats']);
  });

  it.each([
    ['brackets', '['.repeat(5000)],
    ['closed brackets', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['dashes', '- '.repeat(50_000)],
    ['question marks', '? '.repeat(50_000)],
    ['lines', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('cannot pile up %s', (_, text) => {
    expect(told(text)).toEqual([expect.stringMatching(/nested too deeply$/)]);
  });

  it('cannot have the parser look up aliases without end', () => {
    const text = `a: &a x\nb: [${'*a,'.repeat(100_000)}]`;
    expect(told(text)).toEqual(['fleet.yml:2:305 repeats too much through aliases']);
  });

  it('cannot fill the log with mistakes', () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `key${index}:`).join('\n');
    expect(told(text)).toHaveLength(101);
    expect(told(text).at(-1)).toMatch(/and 19904 more mistakes$/);
  });

  it('is at most 1 MiB', () => {
    expect(told(`${fleetText()}\n#${'x'.repeat(1024 * 1024)}`)).toEqual(['fleet.yml the file is larger than 1 MiB']);
    expect(told(`${fleetText()}\n#${'x'.repeat(1024 * 1023)}`)).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '<<'])('has no key %s', (key) => {
    expect(told(`${fleetText()}\n${key}: { keep: 1 }`)).toEqual([
      expect.stringMatching(`^fleet.yml:5:1 ${key}: unknown key`),
    ]);
    expect(mistakesOf({ release: `release: { ${key}: { keep: 1 } }` })).toEqual([
      expect.stringMatching(`release.${key}: unknown key`),
    ]);
    expect(mistakesOf({ balancers: `balancers: [{ pointer: { pools: { blue: a, green: b, ${key}: c } } }]` })).toEqual([
      expect.stringMatching(`pools.${key}: unknown key`),
    ]);
  });

  it.each(['a\\nb', 'a\\u0000b', 'a\\rb'])('has no control characters in texts: %s', (text) => {
    expect(mistakesOf({ health: `health: { path: "/${text}" }` })).toEqual([expect.stringContaining('health.path')]);
  });
});
