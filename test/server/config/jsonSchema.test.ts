import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_DIR, configSchema, schemaFiles, staleSchemaFiles } from '../../../src/server/config/jsonSchema.ts';
import { loadConfig, PATH_KEYS } from '../../../src/server/config/loadConfig.ts';

type Schema = { properties?: Record<string, Schema>; description?: string };

const keysOf = (schema: Schema, path: string[] = []): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, below]) => [
    [...path, key].join('.'),
    ...keysOf(below, [...path, key]),
  ]);

describe('the generated schema files', () => {
  it('are up to date (else: node src/server/config/generateSchema.ts)', () => {
    expect(staleSchemaFiles()).toEqual([]);
  });

  it('are found stale when a character differs or one is absent', () => {
    const dir = mkdtempSync(join(tmpdir(), 'wardroom-schema-'));
    try {
      for (const [name, text] of Object.entries(schemaFiles())) writeFileSync(join(dir, name), text);
      expect(staleSchemaFiles(dir)).toEqual([]);
      writeFileSync(join(dir, 'wardroom.schema.json'), '{}');
      rmSync(join(dir, 'dispatch.schema.json'));
      rmSync(join(dir, 'policy.schema.json'));
      expect(staleSchemaFiles(dir).sort()).toEqual([
        'dispatch.schema.json',
        'policy.schema.json',
        'wardroom.schema.json',
      ]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('hold every key of all files for `config schema`', () => {
    expect(keysOf(configSchema() as Schema)).toEqual(
      expect.arrayContaining(['homeserver.url', 'services', 'protocols', 'dev.crash_at', 'classes', 'agreements']),
    );
  });
});

describe('config/wardroom.yaml', () => {
  const text = readFileSync(join(CONFIG_DIR, 'wardroom.yaml'), 'utf8');
  const schema = JSON.parse(schemaFiles()['wardroom.schema.json']!) as Schema;

  it('shows and explains every key there is', () => {
    const shown = text.split('\n').map((line) => /^\s*(?:# +)?([a-z_]+):/.exec(line)?.[1]);
    const missing = keysOf(schema).filter((key) => !shown.includes(key.split('.').at(-1)));
    expect(missing).toEqual([]);
  });

  it('is right in every commented key, too', () => {
    const dir = mkdtempSync(join(tmpdir(), 'wardroom-schema-'));
    try {
      const path = join(dir, 'wardroom.yaml');
      const everything = text.replace(/^(\s*)# (\s*(?:[a-z_]+: .+|dev:|carriers:|lines:|main:|lark:))$/gm, '$1$2');
      writeFileSync(path, everything);
      const loaded = loadConfig([path, join(CONFIG_DIR, 'dispatch.yaml')]);
      // Of these two pairs one is to be chosen; nothing else may be wrong.
      expect(loaded.ok ? [] : loaded.error.map((fault) => `${fault.key}: ${fault.what}`)).toEqual([
        'database.url: give either this or url_file',
        'database.owner_url: give either this or owner_url_file',
      ]);
      expect(everything).toContain('\ndev:\n');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('a key that holds a path', () => {
  it('is known as one, so that it is made absolute', () => {
    const schema = JSON.parse(schemaFiles()['wardroom.schema.json']!) as Schema;
    const named = keysOf(schema).filter((key) => /_(file|dir)$/.test(key));
    expect(PATH_KEYS.map((path) => path.join('.')).sort()).toEqual(named.sort());
  });
});
