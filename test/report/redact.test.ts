import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neutralise } from '../../src/report/redact.ts';

/** What the runner takes for a command (actions/runner, ActionCommand.TryParseV2 and TryParse), line by line. */
const commandsIn = (text: string): string[] =>
  text.split(/\r\n|\r|\n/).filter((line) => /^[\s\u0085]*::/.test(line) || line.includes('##['));

const visible = (text: string): string => text.replaceAll('\u200b', '');

describe('neutralise', () => {
  it.each([
    '::error::boo',
    '  \t::set-output name=a::b',
    '\u0085\u00a0::warning::x',
    'fine\r::error::after a carriage return',
    'fine\r\n::stop-commands::x',
    'anywhere ##[error]boo',
    '##[add-mask]a ##[group]b',
    '::::error::x',
  ])('takes the power from %j', (text) => {
    expect(commandsIn(text)).not.toEqual([]);
    expect(commandsIn(neutralise(text))).toEqual([]);
    expect(visible(neutralise(text))).toBe(text);
  });

  it.each(['std::vector', 'web-1 | ::1 is up', 'at 12::30', '#[derive]', ''])('leaves %j as it is', (text) =>
    expect(neutralise(text)).toBe(text),
  );

  it('leaves no command in any text, and changes nothing that is seen', () => {
    const piece = fc.constantFrom(
      '::',
      ':',
      '##[',
      '#',
      '[',
      'error',
      ']',
      ' ',
      '\t',
      '\n',
      '\r',
      '\u0085',
      '\u2028',
      'x',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          expect(commandsIn(neutralise(text))).toEqual([]);
          expect(visible(neutralise(text))).toBe(text);
        },
      ),
    );
  });
});
