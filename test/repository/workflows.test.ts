import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const folder = join(import.meta.dirname, '../../.github/workflows');
const files = await readdir(folder);

const permissions = z.record(z.string(), z.enum(['read', 'write', 'none']));
const workflow = z.looseObject({
  permissions,
  jobs: z.record(z.string(), z.looseObject({ permissions, 'timeout-minutes': z.int() })),
});

describe('workflows', () => {
  it('are there', () => expect(files).toContain('ci.yml'));

  it.each(files)('%s gives no permission but to jobs that need it, each for a time', async (name) => {
    const read = workflow.parse(parse(await readFile(join(folder, name), 'utf8')));
    expect(read.permissions).toEqual({});
  });

  it.each(files)('%s pins every action to a commit, and says which version that is', async (name) => {
    const text = await readFile(join(folder, name), 'utf8');
    const uses = text.split('\n').filter((line) => /\buses:/.test(line));
    expect(uses).not.toEqual([]);
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});
