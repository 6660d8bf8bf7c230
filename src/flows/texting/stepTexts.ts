import { createHash } from 'node:crypto';
import { phoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { e164 } from '../../tickets/phone.ts';
import type { Effect, Ticket } from '../../tickets/ticket.ts';
import type { Tx } from '../ports.ts';
import type { StepTexts } from '../ticketFlow.ts';
import { outbound, refOf, type TextingFlow } from './textingFlow.ts';

/** What a step without a `body` says (data README, "Protocols"): no health information, and no word of whom it is about. */
export const FIXED_STEP = 'Urgent message waiting. Ref {ref}. Reply {n} ok or open the app.';

/** Wardroom's own short reference of a ticket: the service's id may hold anything, also names. */
export const shortRef = (ticket: Pick<Ticket, 'ticketId'>): string =>
  createHash('sha256').update(ticket.ticketId).digest('hex').slice(0, 6).toUpperCase();

/** The texts of ladders: one per person and step, by the line of the ticket's account. */
export class LadderTexts implements StepTexts {
  readonly #flow: Pick<TextingFlow, 'clock' | 'digest' | 'lines'>;

  constructor(flow: Pick<TextingFlow, 'clock' | 'digest' | 'lines'>) {
    this.#flow = flow;
  }

  async step(tx: Tx, ticket: Ticket, { to, body }: Extract<Effect, { type: 'text' }>): Promise<void> {
    const line = this.#flow.lines.find(({ accounts }) => accounts.includes(ticket.account));
    if (line === undefined) return;
    // What is no number at all the carrier refuses, which is an alarm.
    const number = e164(to.phone) ?? phoneNumber(to.phone);
    const text = outbound(this.#flow, line, {
      phone: refOf(this.#flow, number),
      purpose: 'step',
      ticket: ticket.ticketId,
      token: ticket.token,
      person: to.person,
    });
    const said = (body ?? FIXED_STEP).replaceAll('{ref}', shortRef(ticket)).replaceAll('{n}', ticket.token);
    await tx.texts.queue(text, new Phi(number), new Phi({ body: said, media: [] }));
  }
}
