/** Lists as others write them: CSV (RFC 4180) with a header that names the columns. */
import { parse } from 'csv-parse/sync';
import { err, ok, type Result } from '../kernel/result.ts';

/** More is no list of people. */
export const MOST_ROWS = 100_000;

/** `csv`: it cannot be read as CSV. `columns`: no rows, or not under the columns that are needed. */
export type ListFault = 'csv' | 'columns' | 'too-many';

export interface CsvRow {
  /** Where it begins in the file: `line 2`. Blank lines count, as an editor counts them. */
  readonly place: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Every row but blank ones. Throws for what is no CSV: with the parser's message, which quotes the list. */
export function csvRows(csv: string): readonly CsvRow[] {
  // Between quotation marks the parser would count the two letters of one line end as two lines.
  const rows = parse(csv.replace(/\r\n?/g, '\n'), {
    bom: true,
    columns: true,
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
    info: true,
    raw: true,
  }) as unknown as readonly {
    readonly record: Readonly<Record<string, string>>;
    readonly raw: string;
    readonly info: { readonly lines: number };
  }[];
  return rows.map(({ record, raw, info }) => {
    // The parser counts to a row's end, and a text between quotation marks may have several lines.
    const more = raw.trim().split('\n').length - 1;
    return { place: `line ${info.lines - more}`, values: record };
  });
}

/** The rows of a list whose header names these columns, and perhaps more. */
export function readList(csv: string, columns: readonly string[]): Result<readonly CsvRow[], ListFault> {
  let rows: readonly CsvRow[];
  try {
    rows = csvRows(csv);
  } catch {
    return err('csv');
  }
  if (rows.length > MOST_ROWS) return err('too-many');
  const [first] = rows;
  if (first === undefined || !columns.every((name) => Object.hasOwn(first.values, name))) return err('columns');
  return ok(rows);
}
