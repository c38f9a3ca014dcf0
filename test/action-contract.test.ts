import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { outputsOf } from '../src/github/runner.ts';
import { type InputRow, inputTable, outputTable } from '../src/inputs/table.ts';

const text = z.string().min(1);
const manifest = z
  .strictObject({
    name: text,
    description: text.max(125),
    author: text,
    branding: z.strictObject({
      icon: text,
      color: z.enum(['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark']),
    }),
    inputs: z.record(
      text.regex(/^[a-z][a-z-]*$/),
      z.strictObject({ description: text, default: z.string().optional() }),
    ),
    outputs: z.record(text.regex(/^[a-z][a-z-]*$/), z.strictObject({ description: text })),
    runs: z.strictObject({
      using: z.literal('node24'),
      main: z.literal('dist/main.js'),
      post: z.literal('dist/post.js'),
    }),
  })
  .parse(parse(await readFile(join(import.meta.dirname, '../action.yml'), 'utf8')));

describe('action.yml', () => {
  const rows: Readonly<Record<string, InputRow>> = inputTable;

  it('has the inputs that the code reads, and no others', () => {
    expect(Object.keys(manifest.inputs)).toEqual(Object.keys(inputTable));
  });

  it.each(Object.entries(manifest.inputs))('describes the input %s as the table does', (name, input) => {
    expect(input).toEqual({
      description: rows[name]?.description,
      ...(rows[name]?.default === undefined ? {} : { default: rows[name].default }),
    });
  });

  it('takes from the runner what only the runner knows', () => {
    const defaults = Object.entries(manifest.inputs).flatMap(([name, input]) =>
      input.default?.includes('{{') ? [[name, input.default]] : [],
    );
    expect(defaults).toEqual([
      ['release', '$'.concat('{{ github.sha }}')],
      ['github-token', '$'.concat('{{ github.token }}')],
      ['check-run-id', '$'.concat('{{ job.check_run_id }}')],
    ]);
  });

  it('has the outputs that the code sets, and no others', () => {
    const conclusion = {
      result: 'planned',
      release: 'v1',
      live: [],
      headline: '',
      failures: [],
      warnings: [],
      budgetMs: 1,
      totalMs: 1,
    } as const;
    expect(Object.keys(manifest.outputs)).toEqual(Object.keys(outputsOf(conclusion, {})));
    expect(manifest.outputs).toEqual(
      Object.fromEntries(Object.entries(outputTable).map(([name, description]) => [name, { description }])),
    );
  });
});
