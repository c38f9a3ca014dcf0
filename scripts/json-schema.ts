import { z } from 'zod';
import { fleetFile } from '../src/inputs/file/fleet-file.ts';

const reference = '#/$defs/reference';

type Schema = z.core.JSONSchema.BaseSchema;

/** The JSON Schema of the fleet file as people write it, for editors and for the reference page. */
export const jsonSchema = (): Schema => ({
  ...z.toJSONSchema(fleetFile, {
    io: 'input',
    override: ({ jsonSchema: schema }) => {
      if (schema.type === 'string' && isNarrow(schema)) allowReference(schema);
      // zod writes the bounds of safe integers, which say nothing to a reader.
      if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
      if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
    },
  }),
  title: 'Fleetflip fleet file',
  $defs: { reference: { type: 'string', pattern: '\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}' } },
});

const isNarrow = ({ pattern, enum: words }: Schema): boolean => pattern !== undefined || words !== undefined;

/** A reference to the environment may stand in any text; what it is replaced by is only known in a run. */
function allowReference(schema: Schema): void {
  const { pattern, enum: words } = schema;
  delete schema.pattern;
  delete schema.enum;
  delete schema.type;
  schema.anyOf = [{ type: 'string', ...(pattern && { pattern }), ...(words && { enum: words }) }, { $ref: reference }];
}
