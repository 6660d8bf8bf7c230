import type { ContentClass } from '../contentClass.ts';
import type { Finding } from '../detector/finding.ts';
import type { TemplateClass, TemplateState } from '../templates/template.ts';

/** What a patient can agree to (data README, "Texting patients"). `clinical_link`: a notice to call until there is a portal. */
export type ConsentScope = 'reminder' | 'clinical_link' | 'content' | 'marketing';

/** What is on record about the patient and this phone, at this moment. */
export interface ConsentFacts {
  readonly covers: readonly ConsentScope[];
  /** The patient was warned of the risk of unencrypted texts and chose them (45 CFR 164.522(b), 78 FR 5634). */
  readonly riskNotice: boolean;
  /** What stands against any text now: suppressed, quiet hours, frequency. Empty: nothing. */
  readonly denials: readonly Denial[];
}

export interface Denial {
  readonly code: string;
  readonly what: string;
  readonly rule: string;
  readonly regulation: string;
}

/** What the practice allows. Missing means no. */
export interface GatePolicy {
  /** Roles whose holders text patients. */
  readonly senders: readonly string[];
  /** Roles whose holders release what is held. */
  readonly releasers: readonly string[];
  /** What may be texted at all; `content` is left out unless the practice chose it. */
  readonly classes: readonly ContentClass[];
  /** Which of somebody's own words a second person reads first. */
  readonly secondPerson: readonly ContentClass[];
  /** Of somebody's own words: in how many parts a text may go out. */
  readonly mostParts: number;
}

/** As safe as a practice starts. */
export const cautiousGatePolicy: GatePolicy = {
  senders: ['physician', 'nurse', 'front-desk'],
  releasers: ['physician', 'privacy-officer'],
  classes: ['service', 'reminder', 'notice', 'plain', 'page'],
  secondPerson: ['content'],
  mostParts: 3,
};

/** One text before it leaves. */
export interface TextToJudge {
  /** Exactly what would go out. */
  readonly text: string;
  readonly to: 'patient' | 'staff';
  readonly from: { readonly kind: 'person'; readonly roles: readonly string[] } | { readonly kind: 'automatic' };
  readonly content:
    | { readonly kind: 'template'; readonly contentClass: TemplateClass; readonly state: TemplateState }
    /** `findings`: what `detect` found; null: it could not be told. */
    | { readonly kind: 'free'; readonly findings: readonly Finding[] | null };
  /** Null: nobody knows of any. */
  readonly consent: ConsentFacts | null;
  readonly policy: GatePolicy;
  /** Who released it after it was held; null: nobody yet. */
  readonly release: { readonly roles: readonly string[]; readonly isAuthor: boolean } | null;
  /** What goes out in its stead: an approved notice, filled in for this practice; null: there is none. */
  readonly notice: string | null;
}

/** The class of a text; null: it could not be told. */
export type JudgedClass = ContentClass | null;
