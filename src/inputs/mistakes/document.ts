import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Failure } from '../../result.ts';
import { type Mistake, pathText } from './mistake.ts';

/** A YAML file as plain data, and the way back from a path in the data to a place in the file. */
export interface FleetDocument {
  readonly value: unknown;
  /** The value (or key) at a path, or the nearest thing around it that is there: `fleet.yml:12:5`, and characters from the start. */
  readonly place: (mistake: Pick<Mistake, 'path' | 'at'>) => { readonly where: string; readonly offset: number };
}

export type Read =
  | { readonly ok: true; readonly document: FleetDocument }
  | { readonly ok: false; readonly failures: readonly Failure[] };

type Place = (offset: number) => string;

const mostBytes = 1024 * 1024;
const mostAliases = 100;
const repeatsTooMuch = 'repeats too much through aliases';
const tooDeep = 'is nested too deeply';

/** No fleet file is nested deeper. The parser's own limit is the size of the stack, and depends on the machine. */
const mostAncestors = 100;

/** A pile of indicators on one line costs the parser quadratic time before it gives up. */
const pile = /(?:[?-][ \t]+){200}/;

/** Reads YAML that may be hostile: no tags, no duplicate or non-text keys, few aliases, at most 1 MiB. */
export function readDocument(text: string, name: string): Read {
  if (Buffer.byteLength(text) > mostBytes) return refused({ where: name, what: 'the file is larger than 1 MiB' });
  if (pile.test(text)) return refused({ where: name, what: `the file ${tooDeep}` });
  const lines = new LineCounter();
  const place: Place = (offset) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  try {
    // Duplicate keys are looked for below: the library compares every key with every other.
    const options = { lineCounter: lines, prettyErrors: false, resolveKnownTags: false, uniqueKeys: false };
    const document = parseDocument(text, options);
    const failures = syntaxMistakes(document, place);
    if (document.errors.length === 0) failures.push(...structureMistakes(document, place));
    if (failures.length > 0) return { ok: false, failures };
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    const placed = (offset: number) => ({ offset, where: place(offset) });
    return { ok: true, document: { value, place: ({ path, at }) => placed(offsetOf(document, path, at)) } };
  } catch (error) {
    // The library's own limits (aliases) and the stack's end are expected of hostile text; anything else is a bug.
    if (error instanceof ReferenceError) return refused({ where: name, what: `the file ${repeatsTooMuch}` });
    if (error instanceof RangeError) return refused({ where: name, what: `the file ${tooDeep}` });
    throw error;
  }
}

const refused = (failure: Failure): Read => ({ ok: false, failures: [failure] });

function syntaxMistakes(document: Document.Parsed, place: Place): Failure[] {
  const deep = document.errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (deep !== undefined) return [{ where: place(deep.pos[0]), what: tooDeep }];
  return [...document.errors, ...document.warnings].map((error) => ({
    where: place(error.pos[0]),
    what: error.message.replace('; please use YAML.parseAllDocuments()', ''),
  }));
}

/** What YAML allows and a fleet file does not: keys that are no text, keys that come twice, an alias inside its own anchor. */
function structureMistakes(document: Document.Parsed, place: Place): Failure[] {
  const failures: Failure[] = [];
  let aliases = 0;
  const add = (node: unknown, what: string) => failures.push({ where: place(startOf(node) ?? 0), what });
  visit(document, {
    Collection(_, collection, ancestors) {
      if (ancestors.length > mostAncestors) {
        add(collection, tooDeep);
        return visit.SKIP;
      }
      if (isMap(collection)) for (const [key, what] of wrongKeys(collection)) add(key, what);
      return undefined;
    },
    Alias(_, alias, ancestors) {
      aliases++;
      // Each look-up of what an alias stands for costs as much as the document is long.
      if (aliases > mostAliases) {
        add(alias, repeatsTooMuch);
        return visit.BREAK;
      }
      const target = alias.resolve(document);
      if (target !== undefined && ancestors.includes(target)) {
        add(alias, `the alias *${alias.source} stands inside what it repeats`);
      }
      return undefined;
    },
  });
  return failures;
}

function* wrongKeys(map: YAMLMap): Generator<[key: unknown, what: string]> {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key) || typeof key.value !== 'string') yield [key, 'a key must be text: put it in quotes'];
    else if (seen.size === seen.add(key.value).size) yield [key, `${pathText([key.value])}: the key comes twice`];
  }
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

/** Where the value (or key) at a path begins; where the path ends early, what it leads to. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], at: 'key' | undefined): number {
  let node: Node | null = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const key = keyNode(node, step, document);
    const next: unknown = childOf(node, step, document);
    if (next === undefined && key === undefined) break;
    const wantsKey = at === 'key' && index === path.length - 1;
    offset = (wantsKey ? startOf(key) : startOf(next)) ?? startOf(key) ?? offset;
    node = isNode(next) ? next : null;
  }
  return offset;
}

const resolved = (node: Node | null, document: Document.Parsed): Node | null =>
  (isAlias(node) ? node.resolve(document) : node) ?? null;

function keyNode(node: Node | null, step: PropertyKey, document: Document.Parsed): unknown {
  const map = resolved(node, document);
  return isMap(map) ? map.items.find(({ key }) => isScalar(key) && key.value === step)?.key : undefined;
}

function childOf(node: Node | null, step: PropertyKey, document: Document.Parsed): unknown {
  const parent = resolved(node, document);
  if (isSeq(parent)) return parent.items[Number(step)];
  return isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === step)?.value : undefined;
}
