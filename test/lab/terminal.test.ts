import { expect, test } from 'vitest';
import { linePrinter, table } from '../../lab/terminal.ts';

test("the runner's commands are shown as what they mean, and lines as they come, however they are cut", () => {
  const shown: string[] = [];
  const print = linePrinter((line) => shown.push(line));
  print('::group::Sta');
  print('ge\nplain: 50%\n::endgroup::\n::warning title=x::100%25 full%0Astop\nunfinished');
  expect(shown).toEqual(['  │ ▸ Stage', '  │ plain: 50%', '  │ warning: 100% full stop']);
});

test('a table is aligned, text to the left and figures to the right', () => {
  expect(
    table([
      ['way', 'flip'],
      ['swap', '2500 ms'],
    ]),
  ).toBe('  way       flip\n  swap   2500 ms');
});
