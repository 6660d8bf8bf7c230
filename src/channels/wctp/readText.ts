/** What answering services write into the text of a page: urgency first, fields between bars, a reply token at the end. */

export interface PageText {
  /** The text without the reply token. */
  readonly reason: string;
  /** The urgency it begins with, as written. */
  readonly urgency: string | null;
  readonly caller: Readonly<Record<string, unknown>> | null;
  readonly patient: Readonly<Record<string, unknown>> | null;
  readonly operator: string | null;
  /** `N` of "Reply with N". */
  readonly replyToken: string | null;
  readonly isRepeatCall: boolean;
}

const URGENCY = /^[\s*#[(!>-]{0,10}(STAT|URGENT|ROUTINE|FYI)\b/i;
const REPLY_TOKEN = /[\s|]*\breply with (\d{1,9})[.!]?\s*$/i;
const PHONE = /(?<![\d-])(?:\+?1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?!\d)/g;
const EXTENSION = /^\s*(?:x|ext\.?)\s*(\d{1,8})\b/i;
const BIRTH = /\bDOB:?\s*(\d{1,2})\/(\d{1,2})\/(\d{4})\b/i;
const REPEAT =
  /\b(?:second|third|fourth|2nd|3rd|4th|repeat|another)\s+call\b|\bcall(?:ed|s|ing)?\s+(?:back\s+)?again\b/i;

/**
 * Reads what can be read for certain; the whole text stays the ticket's reason, so nothing hangs on it. Numbers: that of the
 * caller's field, else the only one; several are given as they stand, for a person to choose.
 */
export function readText(text: string): PageText {
  const token = REPLY_TOKEN.exec(text);
  const reason = token ? text.slice(0, token.index).trimEnd() || text : text;
  const segments = reason.split(/[|\n]/).map((one) => one.trim());
  return {
    reason,
    urgency: URGENCY.exec(reason)?.[1] ?? null,
    caller: readCaller(reason, segments),
    patient: readPatient(reason, segments),
    operator: segments.map((one) => /^Taken\s+\d{1,2}:\d{2}\s+(\S{1,40})$/i.exec(one)?.[1]).find(Boolean) ?? null,
    replyToken: token?.[1] ?? null,
    isRepeatCall: REPEAT.test(reason),
  };
}

function readCaller(reason: string, segments: readonly string[]): PageText['caller'] {
  const field = segments.map((one) => /^(?:Clr|Caller)\b:?\s*(.+)$/i.exec(one)?.[1]).find((one) => one !== undefined);
  const numbers = phonesIn(field ?? '').length > 0 ? phonesIn(field ?? '') : phonesIn(reason);
  const who = field === undefined ? null : nameOf(field);
  if (numbers.length === 0 && who === null) return null;
  const [only, another] = numbers;
  return {
    ...(who !== null && { name: who.name, ...(who.relation !== null && { relation: who.relation }) }),
    ...(only !== undefined && {
      callback: another === undefined ? only.number : numbers.map(({ number }) => number).join(' or '),
    }),
    ...(another === undefined && only && only.extension !== null && { ext: only.extension }),
    ...(/\bNOT READ BACK\b/i.test(field ?? '') && { readback: false }),
  };
}

/** Each number once, with its extension. */
function phonesIn(text: string): readonly { readonly number: string; readonly extension: string | null }[] {
  const found = new Map<string, { number: string; extension: string | null }>();
  for (const match of text.matchAll(PHONE)) {
    const digits = match[0].replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '');
    const extension = EXTENSION.exec(text.slice(match.index + match[0].length))?.[1] ?? null;
    if (!found.has(digits)) found.set(digits, { number: match[0].trim(), extension });
  }
  return [...found.values()];
}

/** `Maren Ziegelow (spouse)`: what stands before the number. */
function nameOf(field: string): { readonly name: string; readonly relation: string | null } | null {
  const first = field.search(PHONE);
  const before = (first < 0 ? field : field.slice(0, first)).trim();
  const match = /^([^()]{1,120}?)\s*(?:\(([^()]{1,120})\))?$/.exec(before);
  const name = match?.[1]?.trim();
  return name ? { name, relation: match?.[2]?.trim() || null } : null;
}

function readPatient(reason: string, segments: readonly string[]): PageText['patient'] {
  const field = segments.map((one) => /^(?:Pt|Patient)\b:?\s*(.+)$/i.exec(one)?.[1]).find((one) => one !== undefined);
  const born = BIRTH.exec(field ?? reason);
  const name = field?.replace(/\s*\bDOB\b.*$/i, '').trim() || null;
  if (name === null && !born) return null;
  const [, month = '', day = '', year = ''] = born ?? [];
  return {
    ...(name !== null && { name }),
    ...(born && { dob: `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` }),
  };
}
