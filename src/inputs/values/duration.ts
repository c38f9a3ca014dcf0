import { z } from 'zod';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;
const expected = 'must be a duration such as 500ms, 30s, 10m or 1h';

/** Timers of Node.js overflow after 24.8 days and then fire at once. */
const longestMs = 24 * 3_600_000;

/** A duration as people write it (`500ms`, `30s`, `1.5m`, `1h`; at most 24 hours), in milliseconds. */
export const duration = z
  .string({ error: expected })
  .regex(pattern, { error: expected })
  .transform((text, context) => {
    const [, amount = '', unit = ''] = pattern.exec(text) ?? [];
    const milliseconds = Math.round(Number(amount) * (units[unit] ?? Number.NaN));
    if (milliseconds > longestMs) context.addIssue({ code: 'custom', input: text, message: 'must be at most 24h' });
    return milliseconds;
  })
  .meta({ title: 'duration' });

/** A duration that is not nothing. */
export const someTime = duration.refine((milliseconds) => milliseconds > 0, { error: 'must be longer than 0' });
