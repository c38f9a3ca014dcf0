import { z } from 'zod';
import { adviceFor } from '../mistakes/wording.ts';

/** A part of the fleet file with a fixed set of keys. Unknown ones are refused, each with the nearest known one (a line per key). */
export const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => adviceFor(key, Object.keys(shape))).join('\n')
        : undefined,
  });
