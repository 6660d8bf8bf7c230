import { type Method, type Scope, scopes } from '../../consent/index.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { Performed, Said } from '../clinicianPort.ts';
import { notPerformed as refused } from '../decided.ts';
import type { Tx } from '../ports.ts';
import { recordConsent } from './recordConsent.ts';
import type { TextingFlow } from './textingFlow.ts';
import type { PatientPhone, PatientRef } from './textsPort.ts';

export interface ConsentSaid {
  readonly scopes: readonly string[];
  readonly method: Method;
  readonly evidence: Phi<string>;
  readonly language: string;
  /** Which wording of the warning of 45 CFR 164.522(b) the patient accepted; null: it was not given now. */
  readonly riskNotice: string | null;
}

/** Consent where it is given: the care team records it in the patient's room. */
export class ConsentHere {
  readonly #flow: TextingFlow;

  constructor(flow: TextingFlow) {
    this.#flow = flow;
  }

  /** All that somebody can agree to. */
  scopes(): readonly Scope[] {
    return scopes;
  }

  /** `!consent`: for the telephone of the text that it replies to, or the patient's only one. */
  async record(tx: Tx, said: Said, { scopes: typed, ...asked }: ConsentSaid): Promise<Performed> {
    const place = this.#flow.rooms.of(said.room);
    if (place === null || place.patient === null) return refused('not-a-patient');
    // It is evidence: who recorded it has to be certain.
    if (said.strength !== 'device') return refused('unverified-device');
    const agreed = scopes.filter((scope) => typed.includes(scope));
    if (agreed.includes('none') && agreed.length > 1) return refused('none-and-more');
    const phone = await this.#phone(tx, said, place.patient);
    if (phone === null) return refused('which-telephone');
    const { number, reference } = phone.names.reveal();
    const recorded = await recordConsent(this.#flow, tx, {
      ...asked,
      channel: 'sms',
      to: number,
      patient: reference,
      scopes: agreed,
      until: null,
      by: said.sender,
    });
    if (recorded === null) return refused('bad-argument', { argument: '--language' });
    return {
      outcome: 'ok',
      code: 'consent-recorded',
      data: { scopes: agreed, last_digits: number.slice(-4), stopped: recorded.stopped, risk_notice: recorded.warned },
      audit: recorded.audit.map((entry) => ({ ...entry, room: said.room, event: said.event })),
      jobs: [],
      moved: [],
    };
  }

  async #phone(tx: Tx, { replyTo, thread }: Said, patient: PatientRef): Promise<PatientPhone | null> {
    const phones = await tx.texts.phonesOf(patient);
    const about = replyTo ?? thread;
    const id = about === null ? null : await tx.texts.textOfEvent(about);
    const open = id === null ? null : await tx.texts.one(id);
    if (open?.text.patient === patient) return phones.find(({ phone }) => phone === open.text.phone) ?? null;
    return phones.length === 1 ? (phones[0] ?? null) : null;
  }
}
