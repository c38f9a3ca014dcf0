import { z } from 'zod';
import { github } from './description.ts';

const node = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  format: z.string().optional(),
  nullable: z.boolean().optional(),
  enum: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

const texts: Readonly<Record<string, string>> = {
  uri: 'https://api.github.test/',
  'date-time': '2026-11-20T09:30:00Z',
  email: 'octocat@github.test',
};

/** The dullest value that a schema allows: every required field, null where that is allowed, nothing optional. */
function dullest(schema: unknown): unknown {
  const { $ref, type, format, nullable, enum: words, required = [], properties = {} } = node.parse(schema);
  if ($ref !== undefined) return dullest(github.components.schemas[$ref.split('/').at(-1) ?? '']);
  if (nullable) return null;
  if (words !== undefined) return words[0];
  if (type === 'array') return [];
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return false;
  if (type === 'string') return texts[format ?? ''] ?? 'text';
  return Object.fromEntries(required.map((name) => [name, dullest(properties[name] ?? {})]));
}

/** An object that conforms to one of GitHub's schemas, with what matters filled in. */
export const sample = (name: string, fields: object): object => ({
  ...z.record(z.string(), z.unknown()).parse(dullest({ $ref: `#/components/schemas/${name}` })),
  ...fields,
});

export const user = (login: string): object =>
  sample('simple-user', { login, type: login.endsWith('[bot]') ? 'Bot' : 'User', id: login.length });
