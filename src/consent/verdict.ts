import type { Instant } from '../kernel/clock.ts';
import type { ConsentEvent } from './record/event.ts';

/** Why not. The order is that of importance: the first one that applies is what is told. */
export const denialCodes = [
  'record-unreadable',
  'stopped',
  'number-in-doubt',
  'stopped-for-everything',
  'stopped-by-reply',
  'nothing-to-confirm',
  'already-confirmed',
  'confirmation-late',
  'not-an-answer',
  'patient-unknown',
  'no-record',
  'other-number',
  'other-channel',
  'not-yet',
  'declined',
  'number-changed-hands',
  'expired',
  'scope-missing',
  'written-consent-missing',
  'number-only',
  'content-texts-off',
  'risk-notice-missing',
  'no-way-to-stop',
  'sender-missing',
  'too-long',
  'quiet-hours',
  'state-hours',
  'daily-cap',
  'weekly-cap',
  'rule-failed',
  'nothing-allows-it',
] as const;
export type DenialCode = (typeof denialCodes)[number];

/** What a rule rests on: an event of the record, without its words. */
export interface Evidence {
  readonly event: string;
  readonly type: ConsentEvent['type'];
  readonly at: Instant;
  readonly method: string | null;
}

/** One rule's no. `what` is for people: no names, no numbers, no health information. */
export interface Denial {
  readonly code: DenialCode;
  readonly rule: string;
  readonly cite: string;
  readonly what: string;
  /** When this rule says no no longer; null: time alone changes nothing. */
  readonly until: Instant | null;
  readonly evidence: readonly Evidence[];
}

export type Verdict =
  | {
      readonly allow: true;
      /** The rule that asked for consent and found it, with its citation. */
      readonly rule: string;
      readonly cite: string;
      readonly evidence: readonly Evidence[];
      /** In which language the patient wants it; null: not on record. */
      readonly language: string | null;
    }
  | {
      readonly allow: false;
      readonly code: DenialCode;
      readonly rule: string;
      readonly cite: string;
      readonly what: string;
      /** When all that speaks against it has passed; null: not by waiting. */
      readonly until: Instant | null;
      readonly evidence: readonly Evidence[];
      /** Everything that speaks against it, the most important first. */
      readonly denials: readonly Denial[];
      readonly language: string | null;
    };

export const evidenceOf = (event: ConsentEvent): Evidence => ({
  event: event.id,
  type: event.type,
  at: event.at,
  method: 'method' in event ? event.method : null,
});
