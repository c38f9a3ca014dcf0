import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const Manifest = z.object({
  inputs: z.record(z.string(), z.object({ default: z.coerce.string().optional() })).default({}),
  runs: z.object({ using: z.literal('node24'), main: z.string(), post: z.string().optional() }),
});
export type Manifest = z.infer<typeof Manifest>;

export const readManifest = async (folder: string): Promise<Manifest> =>
  Manifest.parse(parse(await readFile(join(folder, 'action.yml'), 'utf8')));

/** The environment that carries a step's inputs: upper case, spaces become `_`, dashes stay. */
export function inputEnvironment(
  manifest: Manifest,
  given: Readonly<Record<string, string>>,
  contexts: Readonly<Record<string, string>>,
): Record<string, string> {
  const unknown = Object.keys(given).filter((name) => !(name in manifest.inputs));
  if (unknown.length > 0) throw new Error(`action.yml has no input ${unknown.join(', ')}`);
  return Object.fromEntries(
    Object.entries(manifest.inputs).map(([name, input]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      given[name] ?? evaluate(input.default ?? '', contexts),
    ]),
  );
}

/** Replaces `${{ github.sha }}` and its like by what the context says. */
const evaluate = (text: string, contexts: Readonly<Record<string, string>>): string =>
  text.replace(/\$\{\{\s*(.+?)\s*\}\}/g, (_whole, name: string) => {
    const value = contexts[name];
    if (value === undefined) throw new Error(`no value for ${name}, the default of an input`);
    return value;
  });
