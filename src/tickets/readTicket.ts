import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../kernel/clock.ts';
import { type AccountId, accountId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { hasOddFields } from './oddFields.ts';
import { dialable } from './phone.ts';
import { plainDocument } from './plainDocument.ts';
import { hidesSomething } from './shown.ts';
import type { Flag, Urgency } from './ticket.ts';

/** A ticket as an answering service wrote it. `text` is the whole document: health information. */
export interface IncomingTicket {
  readonly externalId: string;
  readonly account: AccountId;
  readonly urgency: Urgency;
  readonly flags: readonly Flag[];
  readonly text: Readonly<Record<string, unknown>>;
  /** The service's id of an earlier ticket that this call repeats; null when it names none. */
  readonly relatesTo: string | null;
}

export interface FieldError {
  /** RFC 6901 JSON pointer. */
  readonly path: string;
  readonly code: 'not-an-object' | 'missing' | 'not-a-string' | 'empty' | 'not-printable' | 'too-long';
}

export interface ReadingContext {
  readonly now: Instant;
  /** Telephone numbers of the answering services themselves: never a call-back number. */
  readonly ownNumbers: readonly string[];
}

const WORDS: ReadonlyMap<string, Urgency> = new Map([
  ['stat', 'stat'],
  ['urgent', 'urgent'],
  ['routine', 'routine'],
  ['fyi', 'fyi'],
]);
/** A database index holds no more, and no service's ids come near it. */
const MAX_ID_LENGTH = 512;
const SKEW_MS = 10 * 60_000;
const OLDEST_AGE_YEARS = 120;

/**
 * Reads a parsed JSON document. Only `id`, `account` and `reason` can refuse it; whatever else is missing, null or odd is
 * admitted and flagged (data README, "Tickets"). Errors name places and codes, never a value that was sent.
 */
export function readTicket(input: unknown, context: ReadingContext): Result<IncomingTicket, readonly FieldError[]> {
  if (!isObject(input)) return err([{ path: '', code: 'not-an-object' }]);
  const errors = [
    ...identifierErrors(input, 'id'),
    ...identifierErrors(input, 'account'),
    ...textErrors(input, 'reason'),
  ];
  if (errors.length > 0) return err(errors);
  const { document, changed } = plainDocument(input);
  const flags: Flag[] = [];
  const caller = isObject(document.caller) ? document.caller : {};
  const patient = isObject(document.patient) ? document.patient : {};
  if (dialable(caller.callback, context.ownNumbers) === null) flags.push('callback');
  if (!isPlausibleBirthDate(patient.dob, context.now)) flags.push('dob');
  const urgency = urgencyOf(document.urgency);
  if (!urgency) flags.push('urgency');
  if (!isPlausibleInstant(document.taken_at, context.now)) flags.push('taken_at');
  if (changed || hasOddFields(document) || holdsHiddenText(document)) flags.push('field');
  const relatesTo = document.relates_to;
  return ok({
    externalId: input.id as string,
    account: accountId(input.account as string),
    // An urgency nobody knows counts as at least urgent.
    urgency: urgency ?? 'urgent',
    flags,
    text: document,
    relatesTo: typeof relatesTo === 'string' && relatesTo.trim() !== '' ? relatesTo : null,
  });
}

/** Whether any text or name in it holds what a reader would not see. */
function holdsHiddenText(value: unknown): boolean {
  if (typeof value === 'string') return hidesSomething(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, item]) => hidesSomething(key) || holdsHiddenText(item));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function textErrors(input: Readonly<Record<string, unknown>>, key: string): FieldError[] {
  const path = `/${key}`;
  if (!Object.hasOwn(input, key)) return [{ path, code: 'missing' }];
  const value = input[key];
  if (typeof value !== 'string') return [{ path, code: 'not-a-string' }];
  return value.trim() === '' ? [{ path, code: 'empty' }] : [];
}

/** Ids are opaque, any printable text: no control characters, no half characters, no line breaks. */
function identifierErrors(input: Readonly<Record<string, unknown>>, key: string): FieldError[] {
  const errors = textErrors(input, key);
  if (errors.length > 0) return errors;
  const value = input[key] as string;
  const path = `/${key}`;
  if (value.length > MAX_ID_LENGTH) return [{ path, code: 'too-long' }];
  return !value.isWellFormed() || /[\p{Cc}\u2028\u2029]/u.test(value) ? [{ path, code: 'not-printable' }] : [];
}

/** The urgency a word means, in any case; null for one nobody knows. */
export function urgencyOf(word: unknown): Urgency | null {
  return typeof word === 'string' ? (WORDS.get(word.trim().toLowerCase()) ?? null) : null;
}

/** ISO 8601 calendar date that exists, not before 1900, not over 120 years ago, not in the future (a day's grace for time zones). */
function isPlausibleBirthDate(value: unknown, now: Instant): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  try {
    const date = Temporal.PlainDate.from(value, { overflow: 'reject' });
    const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO('UTC').toPlainDate();
    const oldest = today.subtract({ years: OLDEST_AGE_YEARS });
    const latest = today.add({ days: 1 });
    return (
      date.year >= 1900 &&
      Temporal.PlainDate.compare(date, oldest) >= 0 &&
      Temporal.PlainDate.compare(date, latest) <= 0
    );
  } catch {
    return false;
  }
}

/** RFC 3339 with its offset, and not further ahead than clocks differ. The ladder counts from acceptance all the same. */
function isPlausibleInstant(value: unknown, now: Instant): boolean {
  if (typeof value !== 'string') return false;
  if (!/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/.test(value)) return false;
  try {
    return Temporal.Instant.from(value).epochMilliseconds <= now + SKEW_MS;
  } catch {
    return false;
  }
}
