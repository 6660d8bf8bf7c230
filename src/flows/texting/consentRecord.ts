import { type Consent, type ConsentEvent, readConsent, readConsentEvent } from '../../consent/index.ts';
import { Phi } from '../../kernel/phi.ts';
import type { Reads, Tx } from '../ports.ts';
import { patientOf, refOf, type TextingFlow } from './textingFlow.ts';
import type { PatientRef } from './textsPort.ts';

/** What is on record of a patient, and of whoever uses these telephones. */
export async function consentAbout(
  flow: Pick<TextingFlow, 'digest'>,
  read: Pick<Reads, 'consent'>,
  patient: PatientRef | null,
  numbers: readonly Phi<string>[],
): Promise<Consent> {
  const refs = numbers.map((number) => refOf(flow, number.reveal()));
  return readConsent((await read.consent.about(patient, refs)).reveal());
}

/** Puts it on record. @throws when it is no event: our own mistake. */
export async function appendConsent(flow: Pick<TextingFlow, 'digest'>, tx: Tx, event: ConsentEvent): Promise<void> {
  const read = readConsentEvent(event);
  if (!read.ok) throw new Error('consent-event-malformed');
  const patient = 'patient' in event && event.patient !== null ? patientOf(flow, event.patient) : null;
  await tx.consent.append(patient, refOf(flow, event.to), event.at, new Phi(read.value));
}
