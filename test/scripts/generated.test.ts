import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generated } from '../../scripts/generated.ts';

it.each(Object.entries(generated()))('%s is what `npm run generate` writes', async (path, text) => {
  expect(await readFile(join(import.meta.dirname, '../..', path), 'utf8')).toBe(text);
});
