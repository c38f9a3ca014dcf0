import { z } from 'zod';
import { duration } from '../values/duration.ts';
import { countOrPercent } from '../values/share.ts';
import { section } from './section.ts';

export const strategyTypes = ['blue-green', 'swap'] as const;

const forever = z.literal('forever', { error: 'must be a duration such as 10m, or forever' });

export const strategy = section({
  type: z.enum(strategyTypes).optional().describe('`blue-green` where there are two slots, `swap` where there is one.'),
  'min-capacity': countOrPercent
    .optional()
    .describe(
      'Least part of the fleet that serves at any moment: `75%`, `1/3`, or a number of servers. A plan that would go below is refused.',
    ),
  'keep-old': z
    .union([forever, duration])
    .prefault('forever')
    .describe(
      'How long the old slot keeps running for an instant rollback, which the run waits for; `forever`: until the next deploy.',
    ),
  drain: duration.prefault('30s').describe('Longest wait for requests in flight on members that left the pool.'),
});
