import { z } from 'zod';

/** What bench/flips.ts prints per way. Milliseconds. */
export const Flips = z.object({
  strategy: z.string(),
  by: z.string(),
  instances: z.number(),
  rounds: z.number(),
  flipMs: z.number(),
  slowestFlipMs: z.number(),
  cutoverMs: z.number(),
  slowestCutoverMs: z.number(),
  requests: z.number(),
  failed: z.number(),
  mixed: z.number(),
  floorMs: z.number().optional(),
  flipToFloor: z.number().optional(),
});

/** What bench/others.ts prints per way. Milliseconds. */
export const Others = z.union([
  z.object({
    way: z.string(),
    instances: z.number(),
    rounds: z.number(),
    wholeMs: z.number(),
    copyMs: z.number().optional(),
    flipMs: z.number(),
    requests: z.number(),
    failed: z.number(),
    mixed: z.number(),
    mixedMs: z.number(),
    outageMs: z.number(),
  }),
  z.object({ way: z.string(), skipped: z.string() }),
]);

/** What bench/staging.ts prints. Milliseconds. */
export const Staging = z.object({
  files: z.number(),
  bytes: z.number(),
  servers: z.number(),
  rounds: z.number(),
  firstCopyMs: z.object({ fleetflip: z.number(), rsync: z.number() }),
  changeMs: z.object({ fleetflip: z.number(), rsyncLinkDest: z.number(), rsyncInPlace: z.number() }),
});
