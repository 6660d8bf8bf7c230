import { randomUUID } from 'node:crypto';
import {
  addressState,
  type Channel,
  type Consent,
  type ConsentEvent,
  type Method,
  readConsent,
  readConsentEvent,
  riskNotice,
  type Scope,
  standing,
} from '../../consent/index.ts';
import type { Clock, Instant } from '../../kernel/clock.ts';
import { Phi } from '../../kernel/phi.ts';
import { e164 } from '../../tickets/phone.ts';
import type { AuditEntry, Reads, Tx } from '../ports.ts';
import { appendConsent, consentAbout } from './consentRecord.ts';
import { patientOf, refOf, type TextingFlow } from './textingFlow.ts';
import type { PatientPhone } from './textsPort.ts';

export interface ConsentFlow extends Pick<TextingFlow, 'digest'> {
  /** Business time. */
  readonly clock: Clock;
}

/** Where something reaches somebody, as consent names it. */
export interface Address {
  readonly channel: Channel;
  /** E.164, or an e-mail address in lower case. */
  readonly to: string;
}

/** A telephone or an e-mail address as somebody wrote it; null: it is neither. */
export function addressNamed(written: string, channel: Exclude<Channel, 'email'> = 'sms'): Address | null {
  const typed = written.trim();
  if (typed.includes('@'))
    return /^[^\s@]{1,64}@[^\s@]{1,250}$/.test(typed) ? { channel: 'email', to: typed.toLowerCase() } : null;
  const to = e164(typed);
  return to === null ? null : { channel, to };
}

/** An id of a new event. */
export const newEventId = (): string => `staff.${randomUUID()}`;

export interface ConsentGiven extends Address {
  /** As the records name the patient. */
  readonly patient: string;
  readonly scopes: readonly Scope[];
  readonly method: Method;
  readonly evidence: Phi<string>;
  readonly language: string;
  /** Up to but not including; null: until it is revoked. */
  readonly until: Instant | null;
  /** Which wording of the warning of 45 CFR 164.522(b) the patient accepted; null: it was not given now. */
  readonly riskNotice: string | null;
  /** Who recorded it. */
  readonly by: string;
}

/** What holds once it is recorded. */
export interface Recorded {
  readonly consent: Consent;
  /** Something keeps texts from it all the same. */
  readonly stopped: boolean;
  /** The patient's latest word on the risk of texts was yes. */
  readonly warned: boolean;
  readonly scopes: readonly Scope[];
  readonly audit: readonly AuditEntry[];
}

/**
 * Puts on record what a patient agreed to, with its evidence, and whose telephone it is, so that the patient's texts find their room. Null: there is a
 * part that consent cannot have (`readConsentEvent`).
 */
export async function recordConsent(flow: ConsentFlow, tx: Tx, given: ConsentGiven): Promise<Recorded | null> {
  const { patient, channel, to, method, language } = given;
  const at = flow.clock.now();
  const common = { at, by: given.by, channel, to, evidence: given.evidence.reveal(), patient, method, language };
  const events: readonly ConsentEvent[] = [
    { type: 'granted', id: newEventId(), ...common, scopes: [...given.scopes], from: at, until: given.until },
    ...(given.riskNotice === null
      ? []
      : [
          {
            type: 'risk_notice' as const,
            id: newEventId(),
            ...common,
            version: given.riskNotice,
            choice: 'accepted' as const,
          },
        ]),
  ];
  if (events.some((event) => !readConsentEvent(event).ok)) return null;
  for (const event of events) await appendConsent(flow, tx, event);
  const [ref, phone] = [patientOf(flow, patient), refOf(flow, to)];
  if (channel !== 'email')
    await tx.texts.savePhone({
      phone,
      patient: ref,
      since: at,
      names: new Phi({ number: to, reference: patient }),
    });
  const consent = await consentAbout(flow, tx, ref, [new Phi(to)]);
  const stands = standing(consent, patient, channel, to, at);
  const detail = { patient: ref, phone, channel, method, scopes: given.scopes };
  return {
    consent,
    stopped: addressState(consent, to, at).stops.length > 0,
    warned: riskNotice(consent, patient, channel, to, at)?.choice === 'accepted',
    scopes: stands.inForce ? stands.scopes : [],
    audit: events.map(({ type, id }) => ({
      action: type === 'granted' ? 'consent.granted' : 'consent.risk_notice',
      outcome: 'ok',
      actor: given.by,
      detail: { ...detail, consent_event: id },
    })),
  };
}

/** What is on record of a patient, and of whatever reaches them. */
export interface PatientRecord {
  readonly events: readonly ConsentEvent[];
  readonly consent: Consent;
  readonly phones: readonly PatientPhone[];
  /** Every telephone and address that is known of the patient, by the record or as one that they use. */
  readonly addresses: readonly Address[];
}

export async function patientRecord(
  flow: ConsentFlow,
  read: Pick<Reads, 'consent' | 'texts'>,
  patient: string,
): Promise<PatientRecord> {
  const ref = patientOf(flow, patient);
  const phones = await read.texts.phonesOf(ref);
  const theirs = eventsOf((await read.consent.about(ref, [])).reveal());
  const addresses = new Map<string, Address>(
    phones.map(({ names }) => [names.reveal().number, { channel: 'sms', to: names.reveal().number }] as const),
  );
  for (const { to, channel } of theirs) if (!addresses.has(to)) addresses.set(to, { channel, to });
  const refs = [...addresses.keys()].map((to) => refOf(flow, to));
  const documents = (await read.consent.about(ref, refs)).reveal();
  return { events: eventsOf(documents), consent: readConsent(documents), phones, addresses: [...addresses.values()] };
}

/** Those that can be read, in order; `readConsent` counts the others. */
export const eventsOf = (documents: readonly unknown[]): readonly ConsentEvent[] =>
  documents
    .flatMap((document) => {
      const read = readConsentEvent(document);
      return read.ok ? [read.value] : [];
    })
    .sort((a, b) => a.at - b.at);
