import { shownOnOneLine } from './shown.ts';
import type { Flag, Ticket } from './ticket.ts';

/** What of a ticket its text is shown under. Known before it is saved, and never changed after. */
export type TicketHead = Pick<Ticket, 'externalId' | 'account' | 'urgency' | 'token' | 'flags' | 'test'>;

const SEPARATOR = ' \u00b7 ';

/** First line of every message about a ticket: urgency first, but for a test, which must not be taken for anything else. */
export const headline = ({ urgency, account, externalId, test }: TicketHead): string =>
  [test ? 'TEST' : urgency.toUpperCase(), shownOnOneLine(account), `ref ${shownOnOneLine(externalId)}`].join(SEPARATOR);

/** How to take responsibility (data README, "Stopping"). */
export const howToAcknowledge = ({ token, test }: TicketHead): string =>
  test
    ? 'Nothing has happened, and nobody needs to answer: this message tries the way from the answering service to this room.'
    : `To take this ticket: react with \u2705 to this message, or reply ok in its thread, or write ${token} ok.`;

/** What is odd about a ticket, in words. */
export function oddities({ flags }: TicketHead, document: Readonly<Record<string, unknown>>): readonly string[] {
  return flags.map((flag) => oddity(flag, document));
}

function oddity(flag: Flag, document: Readonly<Record<string, unknown>>): string {
  switch (flag) {
    case 'callback':
      return isGiven(document, 'caller', 'callback')
        ? 'The call-back number is not one to dial as it stands.'
        : 'There is no call-back number.';
    case 'dob':
      return isGiven(document, 'patient', 'dob') ? 'The date of birth cannot be right.' : 'There is no date of birth.';
    case 'urgency':
      return isGiven(document, 'urgency')
        ? 'The urgency sent is unknown: treated as URGENT.'
        : 'No urgency was sent: treated as URGENT.';
    case 'taken_at':
      return isGiven(document, 'taken_at')
        ? 'The time it was taken cannot be right.'
        : 'The time it was taken is missing.';
    case 'id_reused':
      return 'An earlier ticket has the same ref and another text: read both.';
    case 'no_schedule':
      return 'The account has no on-call schedule: sent to the site\u2019s default.';
    case 'no_protocol':
      return 'The account has no protocol for this urgency: sent to the site\u2019s default.';
    case 'repeat_call':
      return 'The caller rang again about a ticket that is open.';
    case 'field':
      return 'A field holds something unexpected or invisible: read with care.';
    default:
      return `Flag: ${flag}`;
  }
}

function isGiven(document: Readonly<Record<string, unknown>>, ...path: readonly string[]): boolean {
  let value: unknown = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value !== null && value !== '';
}

/** `40 s`, `12 min`, `3 h`. */
export function waited(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
