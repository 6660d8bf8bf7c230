/**
 * What the detector found in a text. `identifier`: one of the 18 of 45 CFR 164.514(b)(2)(i). `health`: it speaks of health, care or its
 * payment. `sensitive`: of a kind that never goes by SMS (substance use, HIV, mental health, reproduction, minors, intimate-partner violence).
 */
export interface Finding {
  /** Where in the text as it was given: UTF-16 code units, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** The recogniser: `ssn`, `drug`, `sensitive-hiv` ... */
  readonly rule: string;
  readonly kind: FindingKind;
}

export type FindingKind = 'identifier' | 'health' | 'sensitive';
