import { z } from 'zod';

const range = /\[(\d{1,6})-(\d{1,6})\]/;
const most = 10_000;

/** A name that is safe as a file name, a shell word and a load balancer's member name. */
export const plainName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const rangedName = /^(?:[A-Za-z0-9._-]|\[\d{1,6}-\d{1,6}\])+$/;

const expected = 'must be a name of letters, digits, ".", "_" and "-"';

export const name = z.string({ error: expected }).regex(plainName, { error: expected });

/** `web-[1-4].example.com` → four names, `web-[01-12]` keeps the leading zero. Several ranges multiply; at most 10,000 names. */
export const names = z
  .string({ error: expected })
  .regex(rangedName, { error: `${expected}, with ranges such as web-[1-4]` })
  .transform((text, context) => {
    const wrong = wrongRange(text);
    const all = wrong === undefined ? expand(text) : [];
    const message = wrong ?? (all.every((each) => plainName.test(each)) ? undefined : expected);
    if (message !== undefined) context.addIssue({ code: 'custom', input: text, message });
    return all;
  });

/** Counted before anything is expanded, so that no pattern can fill the memory. */
function wrongRange(text: string): string | undefined {
  const sizes = [...text.matchAll(new RegExp(range, 'g'))].map(([written, from, to]) => ({
    written,
    size: Number(to) - Number(from) + 1,
  }));
  const reversed = sizes.find(({ size }) => size < 1);
  if (reversed) return `has a reversed range ${reversed.written}`;
  const total = sizes.reduce((product, { size }) => product * size, 1);
  return total > most ? `stands for ${total} names; at most ${most} are possible` : undefined;
}

function expand(text: string): string[] {
  const match = range.exec(text);
  if (match === null) return [text];
  const [written, from = '', to = ''] = match;
  const before = text.slice(0, match.index);
  const rest = expand(text.slice(match.index + written.length));
  const numbers = Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
  return numbers.flatMap((number) =>
    rest.map((tail) => `${before}${String(number).padStart(from.length, '0')}${tail}`),
  );
}
