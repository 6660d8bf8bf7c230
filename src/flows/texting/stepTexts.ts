import { createHash } from 'node:crypto';
import { phoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { e164 } from '../../tickets/phone.ts';
import type { Effect, Ticket } from '../../tickets/ticket.ts';
import type { Tx } from '../ports.ts';
import type { StepTexts } from '../ticketFlow.ts';
import { newText, refOf, type TextingFlow } from './textingFlow.ts';
import type { PhoneRef } from './textsPort.ts';

/** A token counts for so long after the text that it came with (data README, "Stopping"). */
export const TOKEN_MS = 4 * 3_600_000;

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
    const phone = refOf(this.#flow, number);
    const token = await this.#tokenFor(tx, ticket, phone);
    const text = newText(this.#flow, line, {
      phone,
      purpose: 'step',
      ticket: ticket.ticketId,
      token,
      person: to.person,
    });
    const said = (body ?? FIXED_STEP).replaceAll('{ref}', shortRef(ticket)).replaceAll('{n}', token);
    await tx.texts.queue(text, new Phi(number), new Phi({ body: said, media: [] }));
  }

  /**
   * What its holder answers with: the ticket's number, unless another ticket that was texted to this telephone lately has it. Numbers are given per
   * account, and one person may be called for several.
   */
  async #tokenFor(tx: Tx, ticket: Ticket, phone: PhoneRef): Promise<string> {
    const lately = await tx.texts.stepsTo(phone, this.#flow.clock.now() - TOKEN_MS);
    const own = lately.findLast((step) => step.ticket === ticket.ticketId)?.token;
    if (own) return own;
    const taken = new Set(lately.map(({ token }) => token));
    if (!taken.has(ticket.token)) return ticket.token;
    for (let n = 1; ; n += 1) if (!taken.has(String(n))) return String(n);
  }
}
