/**
 * What is inside a backup, before it is compressed and encrypted: lines of JSON, and between them the rows of each table as
 * PostgreSQL's COPY writes them, ended by `\.` as in the files of pg_dump. It can be read without Wardroom: `age -d | gunzip`.
 */
import { z } from 'zod';

export const manifestSchema = z.strictObject({
  format: z.literal('wardroom-backup'),
  version: z.literal(1),
  made_at: z.iso.datetime({ offset: true }),
  program: z.string(),
  server_name: z.string(),
  audit_origin: z.string(),
  /** Number of the last migration. */
  schema: z.int().min(1),
  /** The audit log's checkpoint, a signed note; null before the first. */
  checkpoint: z.string().nullable(),
});
export type Manifest = z.output<typeof manifestSchema>;

const secretLine = z.strictObject({ secret: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/), content: z.string() });
const tableLine = z.strictObject({
  table: z.string().regex(/^[a-z_]+$/),
  columns: z.array(z.string().regex(/^[a-z_]+$/)),
});
const endLine = z.strictObject({ end: z.literal(true), rows: z.record(z.string(), z.int().min(0)) });

export type Part =
  | { readonly kind: 'manifest'; readonly manifest: Manifest }
  | { readonly kind: 'secret'; readonly name: string; readonly content: string }
  | {
      readonly kind: 'table';
      readonly name: string;
      readonly columns: readonly string[];
      /** Lines with their line ends. To be read to their end before the next part is asked for. */
      readonly rows: AsyncIterable<Buffer>;
    }
  | { readonly kind: 'end'; readonly rows: Readonly<Record<string, number>> };

/** The file is no backup, is damaged, ends too early, or the key is another one. The message quotes nothing of it. */
export class BackupUnreadable extends Error {}

export const END_OF_ROWS = '\\.\n';
export const lineOf = (value: unknown): string => `${JSON.stringify(value)}\n`;

const NEWLINE = 0x0a;
/** No line of ours is longer; a row holds at most a sealed text or a ciphertext. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Reads the parts in order. Throws BackupUnreadable unless everything from the manifest to the end is there. */
export async function* readParts(source: AsyncIterable<Uint8Array>): AsyncGenerator<Part> {
  const lines = readLines(source);
  const next = async (): Promise<Buffer> => {
    const { value, done } = await lines.next();
    if (done) throw new BackupUnreadable('it ends too early');
    return value;
  };
  yield { kind: 'manifest', manifest: parse(manifestSchema, await next()) };
  for (;;) {
    const line = await next();
    const value = parse(z.union([secretLine, tableLine, endLine]), line);
    if ('secret' in value) yield { kind: 'secret', name: value.secret, content: value.content };
    else if ('end' in value) {
      if (!(await lines.next()).done) throw new BackupUnreadable('something follows its end');
      return yield { kind: 'end', rows: value.rows };
    } else {
      let isOver = false;
      const rows = (async function* () {
        for (;;) {
          const row = await next();
          if (row.toString('latin1') === END_OF_ROWS) break;
          yield row;
        }
        isOver = true;
      })();
      yield { kind: 'table', name: value.table, columns: value.columns, rows };
      if (!isOver) throw new Error('rows were not read');
    }
  }
}

async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const bytes of source) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      const end = chunk.subarray(from, at + 1);
      yield rest.length === 0 ? end : Buffer.concat([...rest, end]);
      rest = [];
      length = 0;
      from = at + 1;
    }
    rest.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LONGEST_LINE) throw new BackupUnreadable('a line is too long');
  }
  if (length > 0) throw new BackupUnreadable('it ends too early');
}

function parse<T>(schema: z.ZodType<T>, line: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    throw new BackupUnreadable('it is no backup of Wardroom');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new BackupUnreadable('it is no backup that this program knows');
  return parsed.data;
}
