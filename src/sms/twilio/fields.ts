import { isRecord } from '../rest/values.ts';
import type { Incoming } from '../rest/webhooks.ts';

/** What a webhook says: each name with its values in order; a name may be there more than once. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** A form; or JSON, whose texts and numbers are taken likewise. What is neither is an empty form. */
export function readFields({ headers, bytes }: Pick<Incoming, 'headers' | 'bytes'>): Fields {
  const text = bytes.toString('utf8');
  if (/^\s*application\/json\b/i.test(headers['content-type'] ?? '')) return readJson(text);
  const form = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = form.get(name);
    if (values) values.push(value);
    else form.set(name, [value]);
  }
  return form;
}

function readJson(text: string): Fields {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's message quotes the body: it is not kept.
    return new Map();
  }
  if (!isRecord(document)) return new Map();
  return new Map(
    Object.entries(document).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, [String(value)]] as const] : [],
    ),
  );
}

/** The value of the first of these names that is there, not empty. */
export function firstValue(form: Fields, ...names: readonly string[]): string | null {
  for (const name of names) {
    const [value = ''] = form.get(name) ?? [];
    if (value !== '') return value;
  }
  return null;
}
