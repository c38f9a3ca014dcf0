import type { z } from 'zod';
import { jsonSchema } from './json-schema.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** One key of the fleet file. */
export interface Key {
  /** `balancers[].pointer.map` */
  readonly path: string;
  readonly type: string;
  readonly default?: string;
  readonly description: string;
  readonly required: boolean;
}

/** Every key of the fleet file, in the order of the schema; a key that several forms of a section share is listed once. */
export function keysOf(schema: Schema = jsonSchema(), parent = ''): Key[] {
  const keys = new Map<string, Key>();
  for (const { section, between } of sectionsIn(schema)) {
    for (const [name, child] of Object.entries(section.properties ?? {})) {
      if (typeof child === 'boolean') continue;
      const path = parent === '' ? name : `${parent}${between}.${name}`;
      const known = keys.get(path);
      const required = section.required?.includes(name) ?? false;
      if (known === undefined) keys.set(path, keyOf(child, { path, required }));
      else keys.set(path, { ...known, type: either(known.type, typeOf(child)) });
      for (const inner of keysOf(child, path)) keys.set(inner.path, inner);
    }
  }
  return [...keys.values()];
}

const keyOf = (schema: Schema, { path, required }: { path: string; required: boolean }): Key => ({
  path,
  required,
  type: typeOf(schema),
  description: schema.description ?? '',
  ...(isPlain(schema.default) ? { default: String(schema.default) } : {}),
});

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const either = (one: string, other: string): string =>
  [...new Set([...one.split(' or '), ...other.split(' or ')])].join(' or ');

const forms = ({ anyOf, oneOf }: Schema): Schema[] =>
  [...(anyOf ?? []), ...(oneOf ?? [])].filter((form) => typeof form !== 'boolean' && form.$ref === undefined);

const itemsOf = ({ items }: Schema): Schema[] => (typeof items === 'object' && !Array.isArray(items) ? [items] : []);

interface Section {
  readonly section: Schema;
  /** Between the key and the section: `[]` where it is an entry of a list. */
  readonly between: string;
}

/** The sections that a value may be, or may be a list of. */
const sectionsIn = (schema: Schema, between = ''): Section[] =>
  schema.properties === undefined
    ? [
        ...forms(schema).flatMap((form) => sectionsIn(form, between)),
        ...itemsOf(schema).flatMap((item) => sectionsIn(item, '[]')),
      ]
    : [{ section: schema, between }];

function typeOf(schema: Schema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(' or ');
  const inner = forms(schema);
  if (inner.length > 0) return inner.map(typeOf).reduce(either);
  const names: Readonly<Record<string, string>> = {
    object: 'section',
    array: 'list',
    string: 'text',
    integer: 'number',
  };
  const type = String(schema.type ?? '');
  return names[type] ?? type;
}
