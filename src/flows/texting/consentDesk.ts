import { type Channel, type ConsentEvent, consentOf, type Method, type Scope, scopes } from '../../consent/index.ts';
import { isoInstant } from '../../kernel/clock.ts';
import type { Phi } from '../../kernel/phi.ts';
import { endOfDay, type Policy } from '../../policy/index.ts';
import type { Decided, GivenCommand } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import { cancelWaiting } from './cancelWaiting.ts';
import { shownConsent, shownEvent } from './consentAnswers.ts';
import { appendConsent } from './consentRecord.ts';
import {
  type Address,
  addressNamed,
  type ConsentFlow,
  newEventId,
  patientRecord,
  recordConsent,
} from './recordConsent.ts';
import { isReference, patientOf, refOf } from './textingFlow.ts';

export interface ConsentDeskFlow extends ConsentFlow {
  /** Null: it cannot be read. */
  readonly policy: () => Policy | null;
}

/** What `consent record` says. */
export interface RecordAsked {
  readonly patient: string;
  readonly number: string;
  readonly channel: Exclude<Channel, 'email'>;
  readonly scopes: readonly string[];
  readonly method: Method;
  readonly evidence: Phi<string>;
  readonly language: string;
  /** The last day on which it counts. */
  readonly until: string | null;
  readonly riskNotice: string | null;
}

/** Consent as staff keep it: what a patient agreed to on paper, by voice, in a portal or in person, and took back. */
export class ConsentDesk {
  readonly #flow: ConsentDeskFlow;

  constructor(flow: ConsentDeskFlow) {
    this.#flow = flow;
  }

  /** All that somebody can agree to. */
  scopes(): readonly Scope[] {
    return scopes;
  }

  async show(tx: Tx, patient: string): Promise<Decided> {
    if (!isReference(patient)) return badReference;
    const { consent, phones } = await patientRecord(this.#flow, tx, patient);
    const now = this.#flow.clock.now();
    const consents = consentOf(consent, patient, now).map(shownConsent);
    const known = new Set(consents.map(({ number }) => number));
    const others = phones.map(({ names }) => names.reveal().number).filter((number) => !known.has(number));
    return {
      outcome: 'ok',
      code: 'shown',
      data: { patient, consents, telephones_without: others, unreadable: consent.unreadable },
      about: { patient: patientOf(this.#flow, patient) },
      audit: [],
    };
  }

  async record(tx: Tx, given: GivenCommand, asked: RecordAsked): Promise<Decided> {
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    const { patient, method, language, evidence } = asked;
    if (!isReference(patient)) return badReference;
    const address = addressNamed(asked.number, asked.channel);
    if (address === null) return refused('bad-argument', { argument: 'NUMBER' });
    const agreed = scopes.filter((scope) => asked.scopes.includes(scope));
    if (agreed.includes('none') && agreed.length > 1) return refused('none-and-more');
    const until = asked.until === null ? null : endOfDay(asked.until, policy);
    if (asked.until !== null && (until === null || until <= this.#flow.clock.now()))
      return refused('bad-argument', { argument: '--until' });
    const recorded = await recordConsent(this.#flow, tx, {
      ...address,
      patient,
      scopes: agreed,
      method,
      evidence,
      language,
      until,
      riskNotice: asked.riskNotice,
      by: given.sender,
    });
    if (recorded === null) return refused('bad-argument', { argument: '--language' });
    const { stopped, warned } = recorded;
    return {
      outcome: 'ok',
      code: 'consent-recorded',
      data: {
        patient,
        number: address.to,
        channel: address.channel,
        scopes: agreed,
        method,
        language,
        evidence: evidence.reveal(),
        until: until === null ? null : isoInstant(until),
        risk_notice: warned,
        stopped,
        content_texts: policy.texting.content,
      },
      about: this.#about(patient, address),
      audit: recorded.audit.map((entry) => placed(entry, given)),
    };
  }

  /**
   * Stops a telephone or an address, or all of a patient's, for everybody on them, and what waits for them (47 CFR 64.1200(a)(10): by any reasonable
   * means, at once).
   */
  async revoke(tx: Tx, given: GivenCommand, whom: string, evidence: Phi<string>, method: Method): Promise<Decided> {
    const found = await this.#meant(tx, whom);
    if ('outcome' in found) return found;
    const { patient, addresses } = found;
    const audit: AuditEntry[] = [];
    const numbers: { number: string; patients: readonly string[]; cancelled: number }[] = [];
    for (const address of addresses) {
      const phone = refOf(this.#flow, address.to);
      const users = (await tx.texts.patientsOf(phone)).map(({ names }) => names.reveal().reference);
      const event: ConsentEvent = {
        type: 'revoked',
        id: newEventId(),
        at: this.#flow.clock.now(),
        by: given.sender,
        ...address,
        evidence: evidence.reveal(),
        patient: patient ?? (users.length === 1 ? (users[0] ?? null) : null),
        method,
        topics: null,
        review: false,
      };
      await appendConsent(this.#flow, tx, event);
      const cancelled = await cancelWaiting(this.#flow, tx, phone);
      numbers.push({ number: address.to, patients: users, cancelled });
      const detail = { ...this.#about(patient, address), method, cancelled, consent_event: event.id };
      audit.push(placed({ action: 'consent.revoked', outcome: 'ok', actor: given.sender, detail }, given));
    }
    return {
      outcome: 'ok',
      code: 'consent-revoked',
      data: { patient, numbers, evidence: evidence.reveal() },
      about: patient === null ? {} : { patient: patientOf(this.#flow, patient) },
      audit,
    };
  }

  /** What happened, as far as it is about the patient: of others on the same telephone only what stops it or lets it go again. */
  async history(tx: Tx, patient: string): Promise<Decided> {
    if (!isReference(patient)) return badReference;
    const { events, consent } = await patientRecord(this.#flow, tx, patient);
    const theirs = events.filter((event) => OF_THE_TELEPHONE.has(event.type) || patientIn(event) === patient);
    return {
      outcome: 'ok',
      code: 'history',
      data: { patient, events: theirs.map(shownEvent), unreadable: consent.unreadable },
      about: { patient: patientOf(this.#flow, patient) },
      audit: [],
    };
  }

  /** A number begins with "+", an address has an "@"; everything else is a patient's reference. */
  async #meant(
    tx: Tx,
    whom: string,
  ): Promise<Decided | { readonly patient: string | null; readonly addresses: readonly Address[] }> {
    if (/^\+|@/.test(whom)) {
      const address = addressNamed(whom);
      return address === null
        ? refused('bad-argument', { argument: 'PATIENT|NUMBER' })
        : { patient: null, addresses: [address] };
    }
    if (!isReference(whom)) return badReference;
    const { addresses } = await patientRecord(this.#flow, tx, whom);
    return addresses.length === 0 ? refused('nothing-on-file', { patient: whom }) : { patient: whom, addresses };
  }

  #about(patient: string | null, { to, channel }: Address) {
    const ref = patient === null ? null : patientOf(this.#flow, patient);
    return { patient: ref, phone: refOf(this.#flow, to), channel };
  }
}

const OF_THE_TELEPHONE: ReadonlySet<ConsentEvent['type']> = new Set(['revoked', 'reassigned', 'restarted', 'reviewed']);
const patientIn = (event: ConsentEvent): string | null => ('patient' in event ? event.patient : null);

const placed = (entry: AuditEntry, { room, event }: GivenCommand): AuditEntry => ({ ...entry, room, event });
const badReference = refused('bad-argument', { argument: 'PATIENT' });
