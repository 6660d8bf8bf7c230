import type { PhoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import type { CarrierName, InboundText } from './carrierPort.ts';
import type { ClinicianTexts, Heard } from './clinicianTexts.ts';
import type { KeywordTexts } from './keywordTexts.ts';
import { type Answered, answeredReminder, answerShown } from './reminderAnswers.ts';
import { entryOf } from './sendTexts.ts';
import { lastFour, newText, refOf, sayIn, type TextingFlow, type TextLine } from './textingFlow.ts';
import type { PatientPhone, PatientRef, Text, TextContent, TextPurpose } from './textsPort.ts';

/** A telephone that several patients use: what it says within this time of a text about one of them is about that one. */
const SAME_TALK_MS = 72 * 3_600_000;
/** Longer texts are shown in pieces by no carrier; what a webhook brings beyond is cut, and said to be. */
const LONGEST = 10_000;

/** A text that was taken, and what is known of its telephone. */
export interface Received {
  readonly line: TextLine;
  readonly text: Text;
  readonly number: Phi<PhoneNumber>;
  readonly body: Phi<string>;
  /** Who is known to use the telephone. */
  readonly patients: readonly PatientPhone[];
}

/**
 * Texts that come in. Each is on record, its keyword obeyed and the message about it owed to a room, in one transaction; only then the carrier hears
 * that it was taken. The same again does nothing.
 */
export class TextReceiver {
  readonly #flow: TextingFlow;
  readonly #keywords: KeywordTexts;
  readonly #clinicians: ClinicianTexts;
  readonly #wake: () => void;

  constructor(flow: TextingFlow, parts: { keywords: KeywordTexts; clinicians: ClinicianTexts; wake: () => void }) {
    this.#flow = flow;
    this.#keywords = parts.keywords;
    this.#clinicians = parts.clinicians;
    this.#wake = parts.wake;
  }

  async received(carrier: CarrierName, inbound: InboundText): Promise<void> {
    const { store, alarms, crash } = this.#flow;
    const line = this.#lineOf(carrier, inbound.to);
    if (line === null) {
      // Nowhere to show it: the carrier keeps it and sends it again once the line is configured.
      alarms.raise('text-for-no-line', {});
      throw new Error('text-for-no-line');
    }
    const number = new Phi(inbound.from);
    const person = this.#flow.personOf(inbound.from);
    const done = await store.change(async (tx) => {
      const phone = refOf(this.#flow, inbound.from);
      const patients = await tx.texts.patientsOf(phone);
      const isClinician = person !== null && patients.length === 0;
      const keyword = isClinician ? null : this.#keywords.read(inbound);
      const answered =
        keyword !== null || patients.length === 0
          ? null
          : await answeredReminder(this.#flow, tx, line, phone, inbound.body.reveal());
      const patient = isClinician
        ? null
        : (answered?.to.reminder.patient ?? (await this.#patientOf(tx, line, phone, patients)));
      const purpose: TextPurpose = isClinician
        ? 'clinician'
        : keyword !== null
          ? 'keyword'
          : patient === null
            ? 'unknown'
            : 'patient';
      const text: Text = {
        ...newText(this.#flow, line, { phone, purpose, patient }),
        direction: 'in',
        carrierId: inbound.carrierId,
        // Who confirms waits for no answer.
        code: answered?.answer === 'confirm' ? 'confirmed' : null,
        person: isClinician ? person.person : null,
        state: inbound.media.length > 0 ? 'received' : 'done',
      };
      if (!(await tx.texts.take(text, number, contentOf(inbound)))) return null;
      const received: Received = { line, text, number, body: cut(inbound.body), patients };
      let heard: Heard | null = null;
      const audit: AuditEntry[] = [{ ...entryOf(text, 'text.received'), actor: `carrier:${carrier}` }];
      // Before anything else (47 CFR 64.1200(a)(10)).
      if (keyword !== null) audit.push(...(await this.#keywords.obey(tx, received, keyword)));
      else if (isClinician) {
        heard = await this.#clinicians.hear(tx, received, person);
        audit.push(...heard.audit);
      } else if (answered !== null) audit.push(await this.#answered(tx, received, answered));
      else await this.#show(tx, received);
      // What nobody on file wrote is kept until somebody says whose it is; what came with files until they are fetched.
      if (text.state === 'done' && purpose !== 'unknown') await tx.texts.forgetContent(text.id);
      const [first = entryOf(text, 'text.received'), ...others] = audit;
      return { value: { heard }, audit: [first, ...others], jobs: heard?.jobs ?? [] };
    });
    if (done === null) return;
    crash.reach('text.received');
    if (done.heard !== null) this.#clinicians.afterwards(done.heard);
    this.#wake();
  }

  /** Shows it in the patient's room, or where unknown telephones are. */
  async #show(tx: Tx, { line, text, number, body, patients }: Received): Promise<void> {
    const isShared = text.patient === null && patients.length > 1;
    const files = text.state === 'received' ? '\n(Files came with it: they follow.)' : '';
    const hint = isShared
      ? `\n${patients.length} patients use this telephone. Reply \`!patient REFERENCE\` to say whose this is: ${patients.map(({ names }) => names.reveal().reference).join(', ')}.`
      : text.patient === null
        ? '\nNobody on file uses this telephone. Reply `!patient REFERENCE` to say whose it is.'
        : '';
    await sayIn(
      this.#flow,
      tx,
      { id: `${text.id}.in`, text: text.id, line: line.name, patient: text.patient },
      {
        body: `${text.patient === null ? number.reveal() : lastFour(number)}: ${body.reveal()}${files}${hint}`,
        mark: { text_id: text.id, direction: 'in', state: 'received', purpose: text.purpose },
        isNotice: false,
      },
    );
  }

  /** Shows it as what it is, an answer to a reminder. */
  async #answered(tx: Tx, { line, text, number, body }: Received, answered: Answered): Promise<AuditEntry> {
    const { id } = answered.to.reminder;
    await tx.reminders.answered(id, answered.answer, text.at);
    await sayIn(
      this.#flow,
      tx,
      { id: `${text.id}.in`, text: text.id, line: line.name, patient: text.patient },
      {
        body: `${lastFour(number)}: ${body.reveal()}\n${answerShown(answered, line)}`,
        mark: {
          text_id: text.id,
          direction: 'in',
          state: 'received',
          purpose: text.purpose,
          answer: answered.answer,
          reminder: id,
        },
        isNotice: false,
      },
    );
    const entry = entryOf(text, 'reminder.answered');
    return { ...entry, actor: 'patient', code: answered.answer, detail: { ...entry.detail, reminder: id } };
  }

  /** Whose words they are: the only patient on the telephone, or the one that was last written to. */
  async #patientOf(
    tx: Tx,
    line: TextLine,
    phone: Text['phone'],
    patients: readonly PatientPhone[],
  ): Promise<PatientRef | null> {
    if (patients.length <= 1) return patients[0]?.patient ?? null;
    const last = await tx.texts.lastTo(line.name, phone);
    if (last === null || this.#flow.clock.now() - last.at > SAME_TALK_MS) return null;
    return patients.some(({ patient }) => patient === last.patient) ? last.patient : null;
  }

  #lineOf(carrier: CarrierName, number: PhoneNumber): TextLine | null {
    return this.#flow.lines.find((line) => line.carrier === carrier && line.number === number) ?? null;
  }
}

const cut = (body: Phi<string>): Phi<string> => {
  const whole = body.reveal();
  return whole.length <= LONGEST
    ? body
    : new Phi(`${whole.slice(0, LONGEST)} … (cut: ${whole.length} characters came)`);
};

const contentOf = ({ body, media }: InboundText): Phi<TextContent> => new Phi({ body: cut(body).reveal(), media });
