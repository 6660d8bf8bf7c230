import type { Instant } from '../kernel/clock.ts';
import type { Consent } from './record/consent.ts';
import type { Channel } from './record/event.ts';
import { type AddressState, addressState } from './record/stops.ts';
import type { TextKind, TextRequest } from './request.ts';
import type { DenialCode, Evidence } from './verdict.ts';

/** What a rule judges: the request, and the record as it stands. */
export interface Context {
  readonly request: TextRequest;
  readonly consent: Consent;
  /** What stops that telephone or address. */
  readonly address: AddressState;
}

export const contextOf = (request: TextRequest, consent: Consent): Context => ({
  request,
  consent,
  address: addressState(consent, request.to, request.at),
});

/** Why not. `what` is for people: no names, no numbers, no health information. */
export interface Breach {
  readonly code: DenialCode;
  readonly what: string;
  /** When it is over by itself. */
  readonly until?: Instant;
  readonly evidence?: readonly Evidence[];
}

/**
 * One rule of law, or of this house. Rules know nothing of each other; the order they are asked in never matters; one that throws says no.
 */
export interface Rule {
  readonly id: string;
  readonly cite: string;
  /** In force from the beginning of this day (UTC) on; before, nobody asks it. */
  readonly effective: string;
  /** Suspended until the beginning of this day; then it applies by itself. */
  readonly suspendedUntil?: string;
  /** Where it is laid down, and how sure we are of our reading. */
  readonly source: string;
  readonly confidence: 'quoted' | 'secondary' | 'unverified' | 'ours';
  /** In one sentence. */
  readonly says: string;
  /** Whether `off` of the practice's rules can name it. What carries consent itself cannot be switched off. */
  readonly canBeOff: boolean;
  readonly kinds: readonly TextKind[];
  readonly channels?: readonly Channel[];
  readonly check: (context: Context) => readonly Breach[];
  /** What a text of such a kind may rest on, where this rule is what lets it go; null: not on this. */
  readonly basis?: (context: Context) => readonly Evidence[] | null;
}

export const no = (
  code: DenialCode,
  what: string,
  more: Pick<Breach, 'until' | 'evidence'> = {},
): readonly Breach[] => [{ code, what, ...more }];
export const fine: readonly Breach[] = [];

/** What goes to patients because of what they agreed to. */
export const CONSENTED: readonly TextKind[] = ['reminder', 'clinical', 'clinical_link', 'marketing', 'notice'];

/** Whether a rule is asked at an instant. */
export const applies = (
  { effective, suspendedUntil }: Pick<Rule, 'effective' | 'suspendedUntil'>,
  at: Instant,
): boolean => Date.parse(effective) <= at && (suspendedUntil === undefined || Date.parse(suspendedUntil) <= at);
