import type { Instant } from '../../kernel/clock.ts';
import { addressKey, type Consent } from './consent.ts';
import type { Channel, EventOf, Scope } from './event.ts';
import { addressState } from './stops.ts';

/** Why there is no consent in force that could be looked into. */
export type NoConsent =
  | 'no-record'
  | 'other-number'
  | 'other-channel'
  | 'not-yet'
  | 'expired'
  | 'declined'
  | 'number-changed-hands';

/** What one patient agreed to for one channel and number, stops aside. */
export type Standing =
  | { readonly inForce: false; readonly why: NoConsent; readonly records: readonly EventOf<'granted'>[] }
  | {
      readonly inForce: true;
      readonly scopes: readonly Scope[];
      readonly language: string;
      /** One; several only where they were recorded for the same instant, and then all of them have to agree. */
      readonly records: readonly EventOf<'granted'>[];
    };

/**
 * The latest record governs: a new form replaces the earlier one, also where it allows less. Unknown means no.
 */
export function standing(consent: Consent, patient: string, channel: Channel, to: string, at: Instant): Standing {
  const all = (consent.granted.get(patient) ?? []).filter((event) => event.at <= at);
  const key = addressKey(to);
  const here = all.filter((event) => event.channel === channel && addressKey(event.to) === key);
  const no = (why: NoConsent, records: readonly EventOf<'granted'>[] = []): Standing => ({
    inForce: false,
    why,
    records,
  });
  if (here.length === 0) {
    if (all.length === 0) return no('no-record');
    return no(all.some((event) => event.channel === channel) ? 'other-number' : 'other-channel');
  }
  const begun = here.filter(({ from }) => from <= at);
  if (begun.length === 0) return no('not-yet', here);
  const { voidUpTo } = addressState(consent, to, at);
  const theirs = begun.filter((event) => voidUpTo === null || (event.at > voidUpTo && event.from > voidUpTo));
  if (theirs.length === 0) return no('number-changed-hands', begun);
  const latest = theirs.reduce((best, next) => (later(next, best) > 0 ? next : best));
  const records = theirs.filter((event) => later(event, latest) === 0);
  if (records.some((event) => event.scopes.includes('none'))) return no('declined', records);
  if (records.some(({ until }) => until !== null && until <= at)) return no('expired', records);
  const agreed = latest.scopes.filter((scope) => records.every((event) => event.scopes.includes(scope)));
  return { inForce: true, scopes: agreed, language: latest.language, records };
}

const later = (a: EventOf<'granted'>, b: EventOf<'granted'>): number => a.from - b.from || a.at - b.at;

/** The latest word of the patient on the risk of texts, for this number; null: never told, or it is another person's by now. */
export function riskNotice(
  consent: Consent,
  patient: string,
  channel: Channel,
  to: string,
  at: Instant,
): EventOf<'risk_notice'> | null {
  const { voidUpTo } = addressState(consent, to, at);
  const told = (consent.warned.get(patient) ?? []).filter(
    (event) =>
      event.at <= at &&
      event.channel === channel &&
      addressKey(event.to) === addressKey(to) &&
      (voidUpTo === null || event.at > voidUpTo),
  );
  const last = told.at(-1);
  // Two answers at one instant: the one that says no counts.
  return told.find((event) => event.at === last?.at && event.choice === 'declined') ?? last ?? null;
}

/** When the patient last proved to have this telephone; null: never since it last changed hands. */
export function verifiedAt(consent: Consent, patient: string, to: string, at: Instant): Instant | null {
  const { voidUpTo } = addressState(consent, to, at);
  const events = consent.byAddress.get(addressKey(to)) ?? [];
  const proofs = events.filter(
    (event) =>
      event.type === 'verified' &&
      event.patient === patient &&
      event.at <= at &&
      (voidUpTo === null || event.at > voidUpTo),
  );
  return proofs.at(-1)?.at ?? null;
}

/** One line of what is on file for a patient, for `consent show`. */
export interface ConsentLine {
  readonly channel: Channel;
  readonly to: string;
  readonly standing: Standing;
  /** Nothing leaves for it, whatever was agreed to. */
  readonly stopped: boolean;
  readonly riskNotice: EventOf<'risk_notice'> | null;
  readonly verifiedAt: Instant | null;
}

/** What is on file for a patient, a line for each channel and number. */
export function consentOf(consent: Consent, patient: string, at: Instant): readonly ConsentLine[] {
  const lines = new Map(
    (consent.granted.get(patient) ?? []).map((event) => [`${event.channel} ${addressKey(event.to)}`, event]),
  );
  return [...lines.values()]
    .map(({ channel, to }) => ({
      channel,
      to,
      standing: standing(consent, patient, channel, to, at),
      stopped: addressState(consent, to, at).stops.length > 0,
      riskNotice: riskNotice(consent, patient, channel, to, at),
      verifiedAt: verifiedAt(consent, patient, to, at),
    }))
    .sort((a, b) => (a.channel + a.to < b.channel + b.to ? -1 : 1));
}
