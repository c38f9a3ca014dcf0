import { actionYml } from './action-yml.ts';
import { jsonSchema } from './json-schema.ts';
import { reference } from './reference.ts';

/** Files that are made from src/inputs and never edited, by path. */
export const generated = (): Readonly<Record<string, string>> => ({
  'action.yml': actionYml(),
  'docs/reference.md': reference(),
  'schema/fleetflip.schema.json': `${JSON.stringify(jsonSchema(), null, 2)}\n`,
});
