import { SyncRedactor } from 'redact-pii';
import type { Claim, Detector } from '../score.ts';
import { kindly } from './peer.ts';

const MARK =
  /(PERSON_NAME|PHONE_NUMBER|EMAIL_ADDRESS|CREDIT_CARD_NUMBER|US_SOCIAL_SECURITY_NUMBER|STREET_ADDRESS|ZIPCODE|IP_ADDRESS|URL|USERNAME|PASSWORD|CREDENTIALS|DIGITS)/;

/** redact-pii 3.4.0 as it comes. It gives back a text: what it took out lies between what it left. */
export function redactPii(): Detector {
  const redactor = new SyncRedactor();
  return {
    name: 'redact-pii 3.4.0',
    look: (sample) => kindly(spans(sample.text, redactor.redact(sample.text)), sample),
  };
}

function spans(text: string, redacted: string): Claim[] {
  const claims: Claim[] = [];
  let at = 0;
  let open: { start: number; rule: string } | null = null;
  for (const piece of redacted.split(MARK)) {
    if (MARK.test(piece) && !text.startsWith(piece, at)) {
      open ??= { start: at, rule: piece };
      continue;
    }
    const found = piece === '' ? at : text.indexOf(piece, at);
    if (found === -1) return [{ start: 0, end: text.length, rule: 'unknown' }];
    if (open && piece !== '') {
      claims.push({ start: open.start, end: found, rule: open.rule });
      open = null;
    }
    at = found + piece.length;
  }
  return open ? [...claims, { start: open.start, end: text.length, rule: open.rule }] : claims;
}
