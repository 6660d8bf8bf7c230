import { type EventId, eventId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { isOpen } from '../../tickets/draft.ts';
import type { Ticket, TicketEvent } from '../../tickets/ticket.ts';
import { advanceTicket, type Consequences } from '../advanceTicket.ts';
import { tellAfterwards } from '../changeTicket.ts';
import type { AuditEntry, Job, Tx } from '../ports.ts';
import { mayTake, taken } from '../takeTicket.ts';
import type { TicketFlow } from '../ticketFlow.ts';
import type { Received } from './receiveTexts.ts';
import { TOKEN_MS } from './stepTexts.ts';
import { contentOf, lastFour, newText, type PhonePerson, sayIn, type TextingFlow } from './textingFlow.ts';
import type { Text } from './textsPort.ts';

/** What somebody texts so long after a page by text is still about that page. */
const ABOUT_MS = 7 * 86_400_000;

export interface ClinicianTextsFlow extends TextingFlow {
  readonly tickets: TicketFlow;
  /** Whether the words look like an order: none is taken by text (law.md 8; CMS QSO-24-05). */
  readonly looksLikeOrder: (body: string) => boolean;
}

/** What a clinician's text did, to be committed with it. */
export interface Heard {
  readonly audit: readonly AuditEntry[];
  readonly jobs: readonly Job[];
  readonly moved: { readonly before: Ticket; readonly after: Consequences } | null;
}

/**
 * What clinicians text: a token and "ok" takes the ticket, with strength `sms`; all else is passed on to whoever sent the page. Rules: data README,
 * "Stopping".
 */
export class ClinicianTexts {
  readonly #flow: ClinicianTextsFlow;

  constructor(flow: ClinicianTextsFlow) {
    this.#flow = flow;
  }

  /** Inside the transaction in which the text was taken. */
  async hear(tx: Tx, received: Received, from: PhonePerson): Promise<Heard> {
    const { clock } = this.#flow;
    const { text, body } = received;
    const now = clock.now();
    const steps = await tx.texts.stepsTo(text.phone, now - ABOUT_MS);
    const token = tokenOf(body.reveal());
    const said = eventId(`text:${text.id}`);
    if (token !== null) {
      const meant = await this.#meant(
        tx,
        steps.filter((step) => step.token === token && now - step.at <= TOKEN_MS),
      );
      const [only] = meant;
      if (meant.length > 1) return this.#ambiguous(tx, received, meant);
      if (only !== undefined && mayTake(this.#flow.tickets, only, from.userId)) {
        const event = taken(this.#flow.tickets, { by: from.userId, how: 'reply', strength: 'sms', event: said });
        await tx.linkEvent(said, only.ticketId, 'acknowledgement');
        return this.#move(tx, received, only, event, said, from);
      }
    }
    if (this.#flow.looksLikeOrder(body.reveal())) await this.#refuseOrder(tx, received);
    // A number that came too late still says which page is meant.
    const last = (steps.findLast((step) => step.token === token) ?? steps.at(-1))?.ticket ?? null;
    const ticket = last === null ? null : await tx.ticketForUpdate(last);
    if (ticket === null) return this.#unsolicited(tx, received, from);
    await tx.linkEvent(said, ticket.ticketId, 'reply');
    return this.#move(tx, received, ticket, { type: 'replied', by: from.userId }, said, from);
  }

  /** After the commit: alarms and figures of the ticket that was moved. */
  afterwards({ moved }: Heard): void {
    if (moved !== null) tellAfterwards(this.#flow.tickets, moved.before, moved.after);
  }

  /** The open tickets that these texts were about. */
  async #meant(tx: Tx, steps: readonly Text[]): Promise<readonly Ticket[]> {
    const ids = [...new Set(steps.flatMap(({ ticket }) => (ticket === null ? [] : [ticket])))];
    const tickets: Ticket[] = [];
    for (const id of ids.toSorted()) {
      const ticket = await tx.ticketForUpdate(id);
      if (ticket !== null && isOpen(ticket)) tickets.push(ticket);
    }
    return tickets;
  }

  async #move(
    tx: Tx,
    { line, text, number, body }: Received,
    ticket: Ticket,
    event: TicketEvent,
    said: EventId,
    { userId }: PhonePerson,
  ): Promise<Heard> {
    const consequences = await advanceTicket(this.#flow.tickets, tx, ticket, [event], {
      actor: userId,
      replyText: body,
      saidIn: said,
    });
    await tx.texts.save({ ...text, patient: null, code: event.type });
    if (event.type === 'replied' && ticket.roomId !== null)
      await tx.texts.owe(
        {
          id: `${text.id}.in`,
          text: text.id,
          line: line.name,
          patient: null,
          room: ticket.roomId,
          edits: null,
          at: text.at,
        },
        passedOn(ticket, body.reveal(), lastFour(number), text),
      );
    return { audit: consequences.audit, jobs: consequences.jobs, moved: { before: ticket, after: consequences } };
  }

  /** The token fits two open tickets: neither is taken, and whoever sent it hears so. */
  async #ambiguous(tx: Tx, received: Received, meant: readonly Ticket[]): Promise<Heard> {
    const { line, text, number } = received;
    await this.#answer(tx, received, 'Not taken: two open messages have this number. Open the app, or call.');
    for (const { ticketId, roomId } of meant)
      if (roomId !== null)
        await tx.texts.owe(
          {
            id: `${text.id}.${ticketId}`,
            text: text.id,
            line: line.name,
            patient: null,
            room: roomId,
            edits: null,
            at: text.at,
          },
          contentOf({
            body: `A text from ${lastFour(number)} says "ok" with a number that two open tickets have: it takes neither.`,
            mark: { text_id: text.id, direction: 'in', state: 'ambiguous', purpose: 'clinician' },
            isNotice: true,
          }),
        );
    this.#flow.alarms.raise('text-token-ambiguous', {});
    const audit = meant.map(
      (ticket): AuditEntry => ({
        action: 'text.token_ambiguous',
        outcome: 'refused',
        actor: 'wardroom',
        ticket: ticket.ticketId,
        account: ticket.account,
      }),
    );
    return { audit, jobs: [], moved: null };
  }

  /** No page went to this telephone lately: it is for whoever reads the line. */
  async #unsolicited(tx: Tx, received: Received, { person }: PhonePerson): Promise<Heard> {
    const { line, text, number, body } = received;
    await sayIn(
      this.#flow,
      tx,
      { id: `${text.id}.in`, text: text.id, line: line.name, patient: null },
      {
        body: `${person}, ${lastFour(number)}: ${body.reveal()}`,
        mark: { text_id: text.id, direction: 'in', state: 'received', purpose: 'clinician' },
        isNotice: false,
      },
    );
    return { audit: [], jobs: [], moved: null };
  }

  /** Orders are dated, timed and signed in a secure system, never texted. */
  #refuseOrder(tx: Tx, received: Received): Promise<void> {
    return this.#answer(tx, received, 'Orders are not taken by text. Enter it in the record system, or call.');
  }

  async #answer(tx: Tx, { line, text, number }: Received, body: string): Promise<void> {
    const answer = newText(this.#flow, line, { phone: text.phone, purpose: 'refusal', person: text.person });
    await tx.texts.queue(answer, number, new Phi({ body, media: [] }));
  }
}

/** The whole text is a token and "ok" (data README, "Stopping"): any case, one optional space, a closing `.` or `!`. */
export function tokenOf(body: string): string | null {
  return /^\s*([0-9]{1,9}) ?ok(?:ay)?[.!]?\s*$/i.exec(body)?.[1] ?? null;
}

/** What a clinician texted about a page, in its thread. */
const passedOn = (ticket: Ticket, body: string, from: string, text: Text): Phi<Record<string, unknown>> => {
  const content = contentOf({
    body: `By text from ${from}: ${body}`,
    mark: { text_id: text.id, direction: 'in', state: 'received', purpose: 'clinician' },
    isNotice: false,
  });
  const root = ticket.rootEventId;
  if (root === null) return content;
  return new Phi({
    ...content.reveal(),
    'm.relates_to': {
      rel_type: 'm.thread',
      event_id: root,
      is_falling_back: true,
      'm.in_reply_to': { event_id: root },
    },
  });
};
