import { escapeHtml } from './shown.ts';
import type { Field } from './ticketFields.ts';

/**
 * Bytes of JSON that the fields may take in one message. A Matrix event is at most 65,536 bytes (specification, "Size limits"), and
 * Megolm's base64 makes 4 bytes of 3: this leaves a quarter of the event for the frame, the head, and the homeserver's own keys.
 */
const MESSAGE_BYTES = 34_000;
const PART_BYTES = 36_000;
const CUT = ' \u2026 [cut here: the whole of it follows in the thread]';
const MORE = 'The rest of this ticket follows in the thread.';

/** One line of a message, plain and as HTML. */
export interface Line {
  readonly plain: string;
  readonly html: string;
}

export interface Fitted {
  readonly lines: readonly Line[];
  /** What the lines leave out or cut, whole, in pieces that each fit a message. */
  readonly further: readonly string[];
}

/** How much room there is, and what a reader is told where something is cut, and at the end. */
export interface Fit {
  readonly bytes: number;
  readonly cut: string;
  readonly more: string;
}
const IN_THREAD: Fit = { bytes: MESSAGE_BYTES, cut: CUT, more: MORE };

/** Lays fields out as lines. What does not fit one event is cut visibly and given whole in further pieces. Nothing is lost. */
export function fitFields(fields: readonly Field[], { bytes: room, cut: end, more }: Fit = IN_THREAD): Fitted {
  const whole = fields.map(lineOf);
  if (size(whole) <= room) return { lines: whole, further: [] };
  for (let limit = 4000; ; limit = Math.floor(limit / 2)) {
    const cut = fields.slice(0, Math.max(8, Math.floor(limit / 50))).map((field) => lineOf(shorten(field, limit, end)));
    const lines = [...cut, { plain: more, html: escapeHtml(more) }];
    if (size(lines) > room) continue;
    const missing = whole.filter((line, index) => cut[index]?.plain !== line.plain);
    return { lines, further: pieces(missing.map((line) => line.plain).join('\n')) };
  }
}

function shorten(field: Field, limit: number, end: string): Field {
  const label = clip(field.label, 80, '\u2026');
  if (field.value.length <= limit && label === field.label) return field;
  return { label, value: clip(field.value, limit, end) };
}

const clip = (text: string, limit: number, end: string): string =>
  text.length <= limit ? text : `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')}${end}`;

/** Further lines of a value are set in, so that none of them passes for another field. */
function lineOf({ label, value, html }: Field): Line {
  const plain = `${label}: ${value.replace(/\n/g, '\n    ')}`;
  const inner = html ?? escapeHtml(value);
  const quoted = value.includes('\n') ? `<blockquote>${inner}</blockquote>` : inner;
  return { plain, html: `<strong>${escapeHtml(label)}:</strong> ${quoted}` };
}

const bytes = (text: string) => Buffer.byteLength(JSON.stringify(text), 'utf8');
/** Bytes of JSON that lines take. */
export const size = (lines: readonly Line[]) =>
  lines.reduce((sum, { plain, html }) => sum + bytes(plain) + bytes(html), 0);

/** Every field whole, as plain text. */
export const plainLines = (fields: readonly Field[]): string => fields.map((field) => lineOf(field).plain).join('\n');

/** A text in pieces that each fit a message, plain. */
export const inPieces = (text: string): readonly string[] => pieces(text);

/** Splits between characters, at a line break where one is near. */
function pieces(text: string): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest !== '') {
    let end = Math.min(rest.length, PART_BYTES);
    while (bytes(rest.slice(0, end)) > PART_BYTES)
      end = Math.floor(end * Math.min(0.9, PART_BYTES / bytes(rest.slice(0, end))));
    if (end < rest.length) {
      const lineEnd = rest.lastIndexOf('\n', end);
      if (lineEnd > end / 2) end = lineEnd + 1;
      else if (/[\ud800-\udbff]/.test(rest.charAt(end - 1))) end -= 1;
    }
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return parts;
}
