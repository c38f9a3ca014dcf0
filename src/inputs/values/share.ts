import { z } from 'zod';

/** A part of a whole, or a number of its members. */
export type Share = { readonly share: number } | { readonly count: number };

const percent = /^(\d{1,3}(?:\.\d+)?)%$/;
const fraction = /^(\d{1,6})\/(\d{1,6})$/;
const pattern = /^(?:\d{1,3}(?:\.\d+)?%|\d{1,6}\/\d{1,6}|\d{1,6})$/;
const expected = 'must be a percentage, a fraction or a count such as 75%, 1/3 or 2';

/** `75%`, `1/3` or `2`. */
export const countOrPercent = z
  .union([
    z
      .int({ error: expected })
      .min(0, { error: expected })
      .transform((count): Share => ({ count })),
    z
      .string({ error: expected })
      .regex(pattern, { error: expected })
      .transform((text, context): Share => {
        const share = read(text);
        if ('count' in share || share.share <= 1) return share;
        context.addIssue({ code: 'custom', input: text, message: 'must be at most the whole (100%)' });
        return z.NEVER;
      }),
  ])
  .meta({ title: 'percentage, fraction or count' });

/** The share (0 to 1, or more where the count asks for more than there are) of `total` members. */
export const shareOf = (part: Share, total: number): number => ('share' in part ? part.share : part.count / total);

function read(text: string): Share {
  const [, hundredths] = percent.exec(text) ?? [];
  if (hundredths !== undefined) return { share: Number(hundredths) / 100 };
  const [, above, below] = fraction.exec(text) ?? [];
  if (above === undefined) return { count: Number(text) };
  return { share: Number(below) === 0 ? Number.POSITIVE_INFINITY : Number(above) / Number(below) };
}
