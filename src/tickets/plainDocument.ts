/** Deeper than this a document is no ticket anybody wrote; what lies below is kept as its JSON text. */
const MAX_DEPTH = 32;

export interface PlainDocument {
  readonly document: Readonly<Record<string, unknown>>;
  /** Something had to be changed so that the document can be stored, compared and shown. */
  readonly changed: boolean;
}

/**
 * A parsed JSON object in a form that every later step survives: bounded depth (below it, the JSON text of what was there),
 * no numbers JSON cannot hold, no lone surrogates (RFC 8259 section 8.2). Nothing is dropped.
 */
export function plainDocument(document: Readonly<Record<string, unknown>>): PlainDocument {
  let changed = false;
  const visit = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      changed = true;
      return String(value);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) {
      changed = true;
      return text(jsonText(value));
    }
    if (Array.isArray(value)) return value.map((item) => visit(item, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), visit(item, depth + 1)]));
  };
  const text = (value: string): string => {
    if (value.isWellFormed()) return value;
    changed = true;
    return value.toWellFormed();
  };
  const plain = Object.fromEntries(Object.entries(document).map(([key, value]) => [text(key), visit(value, 1)]));
  return { document: plain, changed };
}

/** JSON text without recursion: `JSON.stringify` overflows the stack on what `JSON.parse` accepts. */
function jsonText(root: object): string {
  const out: string[] = [];
  const pending: { readonly write?: string; readonly value?: unknown }[] = [{ value: root }];
  while (pending.length > 0) {
    const { write, value } = pending.pop()!;
    if (write !== undefined) out.push(write);
    else if (typeof value !== 'object' || value === null) out.push(JSON.stringify(value) ?? 'null');
    else {
      const list = Array.isArray(value);
      pending.push({ write: list ? ']' : '}' });
      const entries = Object.entries(value);
      for (let index = entries.length - 1; index >= 0; index -= 1) {
        const [key, item] = entries[index]!;
        pending.push({ value: item });
        const separator = index === 0 ? '' : ',';
        pending.push({ write: list ? separator : `${separator}${JSON.stringify(key)}:` });
      }
      pending.push({ write: list ? '[' : '{' });
    }
  }
  return out.join('');
}
