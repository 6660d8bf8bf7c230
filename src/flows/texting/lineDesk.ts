import type { PhoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { e164 } from '../../tickets/phone.ts';
import type { Decided } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { Reads, Tx } from '../ports.ts';
import { entryOf } from './sendTexts.ts';
import { lastFour, newText, refOf, type TextingFlow, type TextLine } from './textingFlow.ts';
import type { TextState } from './textsPort.ts';

/** What came of texts is counted over so long. */
const COUNTED_MS = 24 * 3_600_000;

export interface LineDeskFlow extends Pick<TextingFlow, 'carriers' | 'clock' | 'digest' | 'lines' | 'personOf'> {
  /** The registration of a line's number (10DLC); null: none is configured. */
  readonly campaignOf: (line: TextLine['name']) => { readonly id: string; readonly status: string } | null;
}

/** A line as `sms line list` shows it. */
export interface ShownLine {
  readonly line: string;
  readonly practice: string;
  readonly carrier: string;
  readonly carrier_state: string;
  readonly carrier_code: string | null;
  /** Why nothing leaves by it; null: it may. */
  readonly barred: string | null;
  readonly campaign: { readonly id: string; readonly status: string } | null;
  readonly waiting: number;
  readonly held: number;
  readonly sent: number;
  readonly failed: number;
  readonly unknown: number;
}

const COUNTED: Readonly<Record<'waiting' | 'held' | 'sent' | 'failed' | 'unknown', readonly TextState[]>> = {
  waiting: ['queued', 'handing'],
  held: ['held'],
  sent: ['sent', 'delivered'],
  failed: ['failed', 'refused'],
  unknown: ['unknown'],
};

/** How the lines are, and whether one works. */
export class LineDesk {
  readonly #flow: LineDeskFlow;

  constructor(flow: LineDeskFlow) {
    this.#flow = flow;
  }

  /** The names of the lines there are. */
  names(): readonly string[] {
    return this.#flow.lines.map(({ name }) => name);
  }

  async list(read: Pick<Reads, 'texts'>): Promise<Decided> {
    const { carriers, clock, lines, campaignOf } = this.#flow;
    const counts = await read.texts.counts(clock.now() - COUNTED_MS);
    const shown = lines.map((line): ShownLine => {
      const status = carriers.get(line.carrier)?.status() ?? { state: 'gone', code: null };
      const count = (what: keyof typeof COUNTED) =>
        counts
          .filter((one) => one.line === line.name && COUNTED[what].includes(one.state))
          .reduce((sum, one) => sum + Number(one.count), 0);
      return {
        line: line.name,
        practice: line.practice,
        carrier: line.carrier,
        carrier_state: status.state,
        carrier_code: status.code,
        barred: line.barred(),
        campaign: campaignOf(line.name),
        waiting: count('waiting'),
        held: count('held'),
        sent: count('sent'),
        failed: count('failed'),
        unknown: count('unknown'),
      };
    });
    return { outcome: 'ok', code: 'listed', data: { lines: shown }, audit: [] };
  }

  /** Queues a text to the telephone of somebody who works here; never to one that a patient uses. `typed`: the number, as somebody wrote it. */
  async test(tx: Tx, name: string, typed: string): Promise<Decided> {
    const line = this.#flow.lines.find((one) => one.name === name);
    const number = e164(typed);
    if (line === undefined || number === null)
      return refused('bad-argument', { argument: line === undefined ? 'LINE' : 'NUMBER' });
    const barred = line.barred();
    if (barred !== null) return refused('line-barred', { line: name, why: barred });
    const person = this.#flow.personOf(number);
    if (person === null) return refused('nobodys-number', { line: name });
    const phone = refOf(this.#flow, number);
    if ((await tx.texts.patientsOf(phone)).length > 0) return refused('patients-number', { line: name });
    const text = newText(this.#flow, line, { phone, purpose: 'test', person: person.person });
    await tx.texts.queue(
      text,
      new Phi<PhoneNumber>(number),
      new Phi({ body: `Test from ${line.practice}`, media: [] }),
    );
    return {
      outcome: 'ok',
      code: 'queued',
      data: { line: name, person: person.person, to: lastFour(new Phi<PhoneNumber>(number)), text_id: text.id },
      audit: [entryOf(text, 'text.queued')],
      about: { line: name, person: person.person },
    };
  }
}
