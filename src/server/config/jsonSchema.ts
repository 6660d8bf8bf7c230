/** JSON Schema of the configuration, for editors and for `wardroom config schema`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { dispatchSchema, dispatchShape } from './dispatch.ts';
import { policyFileSchema, policyFileShape } from './policy.ts';
import { settingsSchema, settingsShape } from './settings.ts';

export const CONFIG_DIR = join(import.meta.dirname, '../../../config');

/** JSON Schema (2020-12) of the merged document: what `wardroom config schema` prints. */
export function configSchema(): Record<string, unknown> {
  return jsonSchema(
    z.strictObject({ ...settingsShape, ...dispatchShape, ...policyFileShape }),
    'Configuration of Wardroom',
  );
}

/** The generated files, by name. */
export function schemaFiles(): Readonly<Record<string, string>> {
  const text = (schema: z.ZodType, title: string) => `${JSON.stringify(jsonSchema(schema, title), null, 2)}\n`;
  return {
    'wardroom.schema.json': text(settingsSchema, 'config/wardroom.yaml: how this installation runs'),
    'dispatch.schema.json': text(dispatchSchema, 'config/dispatch.yaml: services, practices, people, protocols'),
    'policy.schema.json': text(policyFileSchema, 'config/policy.yaml: room classes, roles, agreements'),
  };
}

/** The names of the files that differ from what the schemas say. */
export function staleSchemaFiles(directory = CONFIG_DIR): string[] {
  return Object.entries(schemaFiles())
    .filter(([name, text]) => {
      const path = join(directory, name);
      return !existsSync(path) || readFileSync(path, 'utf8') !== text;
    })
    .map(([name]) => name);
}

function jsonSchema(schema: z.ZodType, title: string): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { $schema, title, ...rest };
}
