import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { z } from 'zod';

const schema = z.record(z.string(), z.unknown());
const reference = z.object({ $ref: z.string() });
const body = z.object({ content: z.object({ 'application/json': z.object({ schema }) }).optional() });
const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().optional(),
  schema,
});
const operation = z.object({
  operationId: z.string(),
  parameters: z.array(z.union([reference, parameter])).default([]),
  requestBody: body.optional(),
  responses: z.record(z.string(), z.union([reference, body])),
});
const description = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({
    schemas: z.record(z.string(), schema),
    responses: z.record(z.string(), body),
    parameters: z.record(z.string(), parameter),
  }),
});

const text = readFileSync(new URL('../fixtures/github-openapi.json', import.meta.url), 'utf8');
export const github = description.parse(JSON.parse(text));

const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
addFormats.default(ajv);
ajv.addSchema(JSON.parse(text), 'github');

const compiled = new Map<string, ValidateFunction>();

function errorsOf(value: unknown, pointer: string): string[] {
  const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `github#${pointer}` });
  compiled.set(pointer, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath || '(whole)'} ${error.message}`);
}

const escaped = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
const pointerOf = (...parts: string[]): string => parts.map((part) => `/${escaped(part)}`).join('');
const nameIn = (ref: string): string => ref.split('/').at(-1) ?? '';

export interface Route {
  readonly id: string;
  readonly path: string;
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The operation that a request means. */
export function routeOf(method: string, pathname: string): Route | undefined {
  for (const [path, methods] of Object.entries(github.paths)) {
    const found = methods[method.toLowerCase()];
    const pattern = new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
    const match = pattern.exec(pathname);
    if (found !== undefined && match !== null)
      return { id: found.operationId, path, method: method.toLowerCase(), parameters: { ...match.groups } };
  }
  return undefined;
}

/** What GitHub would not have understood in the query and the body of a request. */
export function requestErrors(route: Route, query: URLSearchParams, sent: unknown): string[] {
  const found = github.paths[route.path]?.[route.method];
  const known = (found?.parameters ?? []).map((one) =>
    '$ref' in one ? github.components.parameters[nameIn(one.$ref)] : one,
  );
  const names = known.flatMap((one) => (one?.in === 'query' ? one.name : []));
  const unknown = [...query.keys()].filter((key) => !names.includes(key)).map((key) => `query ${key} is not known`);
  if (found?.requestBody === undefined) return sent === undefined ? unknown : [...unknown, 'no body is expected'];
  const at = pointerOf('paths', route.path, route.method, 'requestBody', 'content', 'application/json', 'schema');
  const fields = found.requestBody.content?.['application/json'].schema['properties'];
  const extra = Object.keys(schema.safeParse(sent).data ?? {}).filter(
    (key) => !(key in (schema.safeParse(fields).data ?? {})),
  );
  return [...unknown, ...extra.map((key) => `field ${key} is not known`), ...errorsOf(sent, at)];
}

/**
 * What is wrong with an answer of ours, by GitHub's description. Any operation may be refused for reasons that are not its
 * own (no permission, no such repository, a limit, a breakdown): those all have the one form of an error.
 */
export function responseErrors(route: Route, status: number, answer: unknown): string[] {
  const found = github.paths[route.path]?.[route.method]?.responses[String(status)];
  if (found === undefined)
    return status < 400
      ? [`status ${status} is not described`]
      : errorsOf(answer, pointerOf('components', 'schemas', 'basic-error'));
  const at =
    '$ref' in found
      ? ['components', 'responses', nameIn(found.$ref)]
      : ['paths', route.path, route.method, 'responses', String(status)];
  const content = '$ref' in found ? github.components.responses[nameIn(found.$ref)]?.content : found.content;
  return content === undefined ? [] : errorsOf(answer, pointerOf(...at, 'content', 'application/json', 'schema'));
}
