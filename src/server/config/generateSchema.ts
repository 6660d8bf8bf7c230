/**
 * Writes `config/*.schema.json` from the zod schemas: `node src/server/config/generateSchema.ts`.
 * With `--check` it writes nothing and exits 1 when a file is not what it would write.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_DIR, schemaFiles, staleSchemaFiles } from './jsonSchema.ts';

if (process.argv.includes('--check')) {
  const stale = staleSchemaFiles();
  for (const name of stale)
    process.stderr.write(`config/${name} is out of date: node src/server/config/generateSchema.ts\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [name, text] of Object.entries(schemaFiles())) writeFileSync(join(CONFIG_DIR, name), text);
}
