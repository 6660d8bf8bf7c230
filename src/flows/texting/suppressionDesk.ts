import {
  addressState,
  type ConsentEvent,
  foldConsent,
  type Method,
  readConsent,
  type Stop,
  suppressions,
} from '../../consent/index.ts';
import { isoInstant } from '../../kernel/clock.ts';
import { eventId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import type { Asked, Decided, GivenCommand } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import { type ShownStop, shownStop } from './consentAnswers.ts';
import { appendConsent, consentAbout } from './consentRecord.ts';
import { type Address, addressNamed, type ConsentFlow, eventsOf, newEventId } from './recordConsent.ts';
import { refOf } from './textingFlow.ts';
import { phoneRef } from './textsPort.ts';

/** So much of the record `suppress list` looks through, the latest first. */
const MOST_EVENTS = 20_000;

/** A telephone or an address that gets nothing, as answers show it. */
export interface ShownSuppression {
  readonly number: string;
  readonly since: string;
  readonly awaits_review: boolean;
  /** Who is known to use it. */
  readonly patients: readonly string[];
  readonly stops: readonly ShownStop[];
}

/** What is stopped, and how it ends other than by START: a person looks at it, and what lets texts go again takes a second one. */
export class SuppressionDesk {
  readonly #flow: ConsentFlow;

  constructor(flow: ConsentFlow) {
    this.#flow = flow;
  }

  async list(tx: Tx): Promise<Decided> {
    const documents = (await tx.consent.latest(MOST_EVENTS)).reveal();
    const consent = foldConsent(eventsOf(documents));
    const stopped: ShownSuppression[] = [];
    for (const { to, since, awaitsReview, stops } of suppressions(consent, this.#flow.clock.now())) {
      const users = await tx.texts.patientsOf(refOf(this.#flow, to));
      stopped.push({
        number: to,
        since: isoInstant(since),
        awaits_review: awaitsReview,
        patients: users.map(({ names }) => names.reveal().reference),
        stops: stops.map(shownStop),
      });
    }
    const data = {
      stopped,
      /** Nothing leaves for whom one of these is about. */
      unreadable: readConsent(documents).unreadable,
      /** There is more on record than was looked through. */
      older: documents.length === MOST_EVENTS,
    };
    return { outcome: 'ok', code: 'listed', data, audit: [] };
  }

  /** What waits for somebody to look at it. `mistaken`: it was no stop; a second person has to say so, too. */
  async review(
    tx: Tx,
    given: GivenCommand,
    number: string,
    decision: 'confirmed' | 'mistaken',
    evidence: Phi<string>,
  ): Promise<Decided> {
    const address = addressNamed(number);
    if (address === null) return refused('bad-argument', { argument: 'NUMBER' });
    const waiting = (await this.#stops(tx, address)).filter(({ awaitsReview }) => awaitsReview);
    if (waiting.length === 0) return refused('nothing-to-review', { number: address.to });
    if (decision === 'mistaken') return this.#ask(given, address, waiting, { decision, evidence });
    return this.#reviewed(tx, given, address, idsOf(waiting), { decision, evidence });
  }

  async reviewAsShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const { address, evidence } = await this.#asked(tx, plan);
    return this.#reviewed(tx, given, address, plan.stops as readonly string[], { decision: 'mistaken', evidence });
  }

  /** The holder told staff that they want texts again, and cannot write START: ends every stop. */
  async lift(tx: Tx, given: GivenCommand, number: string, method: Method, evidence: Phi<string>): Promise<Decided> {
    const address = addressNamed(number);
    if (address === null) return refused('bad-argument', { argument: 'NUMBER' });
    const stops = await this.#stops(tx, address);
    if (stops.length === 0) return refused('not-stopped', { number: address.to });
    return this.#ask(given, address, stops, { method, evidence });
  }

  async liftAsShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const { address, evidence, data } = await this.#asked(tx, plan);
    const event: ConsentEvent = {
      type: 'restarted',
      id: newEventId(),
      at: this.#flow.clock.now(),
      by: String(plan.asked_by),
      ...address,
      evidence: evidence.reveal(),
      method: data.method as Method,
      reviewedBy: given.sender,
    };
    await appendConsent(this.#flow, tx, event);
    return {
      outcome: 'ok',
      code: 'lifted',
      data: { number: address.to, was_reassigned: (await this.#state(tx, address)).voidUpTo !== null },
      about: this.#about(address),
      audit: [this.#entry('consent.restarted', given, address, { method: event.method, consent_event: event.id })],
    };
  }

  /** Whatever happens to the telephone meanwhile is not what was shown. */
  async basis(tx: Tx, plan: Asked['plan']): Promise<unknown> {
    const documents = (await tx.consent.about(null, [phoneRef(String(plan.phone))])).reveal();
    return { count: documents.length, events: eventsOf(documents).map(({ id }) => id) };
  }

  async #reviewed(
    tx: Tx,
    given: GivenCommand,
    address: Address,
    stops: readonly string[],
    { decision, evidence }: { readonly decision: 'confirmed' | 'mistaken'; readonly evidence: Phi<string> },
  ): Promise<Decided> {
    for (const of of stops) {
      const id = newEventId();
      const [at, by] = [this.#flow.clock.now(), given.sender];
      const said = { ...address, evidence: evidence.reveal() };
      await appendConsent(this.#flow, tx, { type: 'reviewed', id, at, by, ...said, of, decision });
    }
    return {
      outcome: 'ok',
      code: 'reviewed',
      data: { number: address.to, decision, stopped: (await this.#stops(tx, address)).length > 0 },
      about: { ...this.#about(address), decision },
      audit: [this.#entry('consent.reviewed', given, address, { decision, stops })],
    };
  }

  /** The number and the words stay in the answer, which is sealed; what is kept in the clear names them by digest only. */
  #ask(
    given: GivenCommand,
    address: Address,
    stops: readonly Stop[],
    { evidence, ...asked }: { readonly evidence: Phi<string>; readonly decision?: string; readonly method?: Method },
  ): Decided {
    const phone = refOf(this.#flow, address.to);
    return {
      outcome: 'confirm',
      code: 'confirm',
      data: {
        number: address.to,
        channel: address.channel,
        stops: stops.map(shownStop),
        ...asked,
        evidence: evidence.reveal(),
        second_person: true,
      },
      about: this.#about(address),
      audit: [],
      asks: {
        plan: { phone, stops: idsOf(stops), asked_in: given.event, asked_by: given.sender },
        secondPerson: true,
      },
    };
  }

  /** What was asked, from the answer that asked for a second person. */
  async #asked(tx: Tx, plan: Asked['plan']) {
    const data = (await tx.commands.answerTo(eventId(String(plan.asked_in))))?.data;
    const address = data === undefined ? null : addressNamed(String(data.number));
    if (data === undefined || address === null) throw new Error('asked-for-nothing');
    return { address, data, evidence: new Phi(`${String(data.evidence)} (asked by ${String(plan.asked_by)})`) };
  }

  async #state(tx: Tx, { to }: Address) {
    const consent = await consentAbout(this.#flow, tx, null, [new Phi(to)]);
    return addressState(consent, to, this.#flow.clock.now());
  }

  async #stops(tx: Tx, address: Address): Promise<readonly Stop[]> {
    return (await this.#state(tx, address)).stops;
  }

  #about({ to, channel }: Address) {
    return { phone: refOf(this.#flow, to), channel };
  }

  #entry(action: string, { sender, room, event }: GivenCommand, address: Address, more: object): AuditEntry {
    return { action, outcome: 'ok', actor: sender, room, event, detail: { ...this.#about(address), ...more } };
  }
}

const idsOf = (stops: readonly Stop[]): readonly string[] => stops.map(({ event }) => event.id);
