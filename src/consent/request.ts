import type { Instant } from '../kernel/clock.ts';
import type { Channel } from './record/event.ts';

/**
 * What a text to a patient's telephone is.
 * `reminder`: no health information; `clinical`: health information in the text; `clinical_link`: a link to it; `marketing`; `notice`: "you have a
 * message, call us"; `opt_out_confirmation`: the one text that may follow a STOP; `keyword_answer`: to HELP or START.
 */
export const kinds = [
  'reminder',
  'clinical',
  'clinical_link',
  'marketing',
  'notice',
  'opt_out_confirmation',
  'keyword_answer',
] as const;
export type TextKind = (typeof kinds)[number];

/** What a practice decided. Plain data, complete. */
export interface TextingRules {
  /** Whether health information may be texted to who asked for it and was warned (45 CFR 164.522(b)). */
  readonly contentTexts: boolean;
  /** What a STOP that names topics ends; from 2027-01-31 the law says: all (rule T5). */
  readonly revocation: 'all' | 'topic';
  /**
   * Texts may arrive from `from` up to but not including `until`, `HH:MM` in the recipient's time; never wider than the law. An `until` that is not
   * later than `from` is the end of the day.
   */
  readonly hours: { readonly from: string; readonly until: string };
  /** For so many milliseconds after a patient wrote, an answer may go at any hour: it is no solicitation. 0: hours hold answers as well. */
  readonly answersForMs: number;
  /** At most so many of a kind to one telephone in 24 hours and in 7 days. What is not named has no limit. */
  readonly caps: Readonly<Partial<Record<TextKind, Cap>>>;
  /** Rules of law that this practice does not apply, by id; those that cannot be switched off stay on. */
  readonly off: readonly string[];
}

export interface Cap {
  readonly perDay: number;
  readonly perWeek: number;
}

/** What holds where a practice decided nothing. */
export const defaultTextingRules: TextingRules = {
  contentTexts: false,
  revocation: 'all',
  hours: { from: '08:00', until: '21:00' },
  answersForMs: 0,
  caps: { reminder: { perDay: 1, perWeek: 3 }, marketing: { perDay: 1, perWeek: 3 } },
  off: [],
};

/** Where the recipient is, as far as it is on file; the number says the rest. */
export interface Whereabouts {
  /** IANA time zone that somebody stored for this patient. */
  readonly zone?: string | undefined;
  /** Five digits. */
  readonly zip?: string | undefined;
  /** Two letters. */
  readonly state?: string | undefined;
}

/** A text or automated call that went to the same telephone, or may have. */
export interface EarlierSend {
  readonly at: Instant;
  readonly kind: TextKind;
}

/** What is known of the text itself; nothing of its words leaves this module. */
export interface TextFacts {
  readonly length: number;
  /** It says who sends it, and how to reach them. */
  readonly namesSender: boolean;
  /** It says how to stop. */
  readonly saysHowToStop: boolean;
  /** Whether whoever answers is heard. */
  readonly canBeAnswered: boolean;
}

export interface TextRequest {
  /** Null: nobody knows whose telephone it is; then only the answer to a keyword leaves. */
  readonly patient: string | null;
  readonly channel: Channel;
  /** E.164, or the e-mail address. */
  readonly to: string;
  readonly kind: TextKind;
  readonly at: Instant;
  readonly policy: TextingRules;
  readonly whereabouts?: Whereabouts | undefined;
  readonly sends?: readonly EarlierSend[] | undefined;
  /** When the patient's text came in that this one answers. */
  readonly answers?: Instant | undefined;
  /** A clinician's callback that cannot wait for the morning: hours and caps do not hold it; consent does. */
  readonly urgent?: { readonly role: string; readonly reason: string } | undefined;
  /** Left out: the text is judged elsewhere. */
  readonly text?: TextFacts | undefined;
}
