import { z } from 'zod';

const pattern = /^(\d{1,5})(?:-(\d{1,5}))?$/;
const expected = 'must be a port or a range of ports such as 8001-8064';

const outOfRange = 'must be between 1 and 65535';

const inRange = (port: number): boolean => port >= 1 && port <= 65_535;

/** One TCP port. */
export const port = z.int({ error: 'must be a port' }).min(1, { error: outOfRange }).max(65_535, { error: outOfRange });

const range = z
  .string({ error: expected })
  .regex(pattern, { error: expected })
  .transform((text, context) => {
    const [, first = '', last = first] = pattern.exec(text) ?? [];
    const [from, to] = [Number(first), Number(last)];
    const wrong = !inRange(from) || !inRange(to) ? outOfRange : from > to ? `is reversed: write ${to}-${from}` : '';
    if (wrong === '') return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    context.addIssue({ code: 'custom', input: text, message: wrong });
    return z.NEVER;
  });

const one = z.union([port.transform((number) => [number]), range]);

const repeated = (ports: readonly number[]): number | undefined => {
  const seen = new Set<number>();
  return ports.find((number) => seen.size === seen.add(number).size);
};

/** `8001`, `8001-8064`, or a list of such: every port once, in the order written. */
export const ports = z
  .union([one, z.array(one).min(1, { error: 'must name at least one port' })])
  .transform((written, context) => {
    const all = written.flat();
    const twice = repeated(all);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `names port ${twice} twice` });
    return all;
  })
  .meta({ title: 'ports' });
