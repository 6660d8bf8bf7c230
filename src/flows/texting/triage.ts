import { Phi } from '../../kernel/phi.ts';
import type { Performed, Said } from '../clinicianPort.ts';
import { notPerformed as refused } from '../decided.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import { isReference, lastFour, patientOf, sayIn, type TextingFlow } from './textingFlow.ts';
import type { OpenText } from './textsPort.ts';

/** Says whose telephone it is that nobody knew, and brings its texts into that patient's room. */
export class Triage {
  readonly #flow: TextingFlow;

  constructor(flow: TextingFlow) {
    this.#flow = flow;
  }

  /** `!patient REFERENCE`, as a reply to a text. */
  async assign(tx: Tx, said: Said, reference: string): Promise<Performed> {
    const place = this.#flow.rooms.of(said.room);
    if (place === null) return refused('not-here');
    if (!isReference(reference)) return refused('bad-reference');
    const about = said.replyTo ?? said.thread;
    const id = about === null ? null : await tx.texts.textOfEvent(about);
    const open = id === null ? null : await tx.texts.one(id);
    if (open === null || open.text.direction !== 'in') return refused('not-a-text');
    const patient = patientOf(this.#flow, reference);
    const { phone, line } = open.text;
    const names = new Phi({ number: open.number.reveal() as string, reference });
    await tx.texts.savePhone({ phone, patient, since: this.#flow.clock.now(), names });
    const waiting = (await tx.texts.unknownFrom(line, phone)).filter(({ content }) => content !== null);
    for (const one of waiting) await this.#move(tx, one, patient);
    const audit: AuditEntry = {
      action: 'text.patient_known',
      outcome: 'ok',
      actor: said.sender,
      room: said.room,
      detail: { phone, patient, line, texts: waiting.length },
    };
    return {
      outcome: 'ok',
      code: 'known',
      data: { texts: waiting.length },
      audit: [audit],
      jobs: [],
      moved: [],
    };
  }

  async #move(tx: Tx, { text, number, content }: OpenText, patient: ReturnType<typeof patientOf>): Promise<void> {
    await tx.texts.save({ ...text, patient, purpose: 'patient' });
    await sayIn(
      this.#flow,
      tx,
      { id: `${text.id}.known`, text: text.id, line: text.line, patient },
      {
        body: `${lastFour(number)}: ${content?.reveal().body ?? ''}`,
        mark: { text_id: text.id, direction: 'in', state: 'received', purpose: 'patient' },
        isNotice: false,
      },
    );
    if (text.state === 'done') await tx.texts.forgetContent(text.id);
  }
}
