import type { JudgedClass, TextToJudge } from './textToJudge.ts';

/**
 * From the mildest to the strictest. `hold`: a second person reads it first. `rewrite`: the notice goes out in its stead; stricter than
 * `hold`, since no second person can make up for what the patient did not agree to. `block`: nothing goes out.
 */
export const outcomes = ['allow', 'hold', 'rewrite', 'block'] as const;
export type Outcome = (typeof outcomes)[number];

/** Why a text does not go out as it is. `what` is for its sender and holds nothing of the text. */
export interface Breach {
  readonly code: string;
  readonly outcome: Exclude<Outcome, 'allow'>;
  readonly what: string;
  /** Where in the text; none: all of it. */
  readonly spans?: readonly ReasonSpan[];
  /** Only where another rule, of another part, said it. */
  readonly regulation?: string;
}

export interface ReasonSpan {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
}

export interface GateReason extends Breach {
  readonly rule: string;
  readonly regulation: string;
  readonly spans: readonly ReasonSpan[];
}

/** One reason to say no. Rules know nothing of each other; the order they are asked in never matters. A rule that throws blocks. */
export interface GateRule {
  readonly name: string;
  readonly regulation: string;
  readonly check: (text: TextToJudge, contentClass: JudgedClass) => readonly Breach[];
}

export const fine: readonly Breach[] = [];
export const block = (code: string, what: string, spans: readonly ReasonSpan[] = []): readonly Breach[] => [
  { code, outcome: 'block', what, spans },
];
export const rewrite = (code: string, what: string, spans: readonly ReasonSpan[] = []): readonly Breach[] => [
  { code, outcome: 'rewrite', what, spans },
];
export const hold = (code: string, what: string, spans: readonly ReasonSpan[] = []): readonly Breach[] => [
  { code, outcome: 'hold', what, spans },
];
