import { z } from 'zod';

const pattern = /^(\d{1,6}(?:\.\d+)?)\/(s|m)$/;
const expected = 'must be a rate such as 50/s or 300/m';

/** A rate as people write it, per second: `50/s` → 50, `300/m` → 5. More than 1,000 a second would be a load test. */
export const rate = z
  .string({ error: expected })
  .regex(pattern, { error: expected })
  .transform((text) => {
    const [, amount = '', unit = ''] = pattern.exec(text) ?? [];
    return Number(amount) / (unit === 'm' ? 60 : 1);
  })
  .refine((perSecond) => perSecond > 0 && perSecond <= 1000, { error: 'must be above 0 and at most 1000/s' })
  .meta({ title: 'rate' });
