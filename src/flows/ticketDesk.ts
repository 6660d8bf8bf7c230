import { isoInstant } from '../kernel/clock.ts';
import { type AccountId, type TicketId, ticketId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { inPieces } from '../tickets/fitFields.ts';
import { shown, shownOnOneLine } from '../tickets/shown.ts';
import type { Ticket, TicketEvent } from '../tickets/ticket.ts';
import { advanceTicket } from './advanceTicket.ts';
import { tellAfterwards } from './changeTicket.ts';
import type { Asked, Decided, GivenCommand } from './commandsPort.ts';
import type { AuditEntry, Tx } from './ports.ts';
import { detailOf } from './showTicket.ts';
import type { TicketDetail } from './ticketApi.ts';
import type { TicketFlow } from './ticketFlow.ts';

/** So many open tickets are listed; who has more is told how many. */
const LISTED = 40;
/** So many tickets of one id are told apart. */
const NAMED = 6;
/** So many lines of a timeline are shown, the latest. */
const LINES = 40;

/** A ticket as administrators see it: never a word of its text. */
export interface OpenTicket {
  readonly ticket_id: TicketId;
  /** The service's id of it, made visible. */
  readonly ref: string;
  readonly service: string;
  readonly account: string;
  readonly urgency: string;
  readonly state: string;
  readonly age_seconds: number;
  readonly next_step_at: string | null;
  /** Who was called last. */
  readonly alerted: readonly string[];
}

export interface ShownTicket extends OpenTicket, Pick<TicketDetail, 'acknowledged' | 'step' | 'flags'> {
  readonly accepted_at: string;
  readonly room_id: string | null;
  readonly event_id: string | null;
  readonly joined_to?: string;
  readonly joined?: readonly string[];
  readonly timeline: TicketDetail['timeline'];
  /** Earlier lines that are not shown. */
  readonly earlier: number;
}

/**
 * What administrators do with tickets from the control room. They see what became of a ticket, never its text: the control room is not
 * the account's room, and who reads it need not be part of the care (45 CFR 164.502(b), minimum necessary).
 */
export class TicketDesk {
  readonly #flow: TicketFlow;

  constructor(flow: TicketFlow) {
    this.#flow = flow;
  }

  async list(tx: Tx, account: AccountId | null): Promise<Decided> {
    const { tickets, total } = await tx.openTickets(account, LISTED);
    return {
      outcome: 'ok',
      code: 'listed',
      data: { tickets: tickets.map((ticket) => this.#listed(ticket)), more: total - tickets.length },
      audit: [],
      ...(account === null ? {} : { about: { account } }),
    };
  }

  async show(tx: Tx, ref: string): Promise<Decided> {
    const ticket = await this.#named(tx, ref);
    if ('outcome' in ticket) return ticket;
    const detail = detailOf(ticket, await tx.timeline(ticket.ticketId));
    const data: ShownTicket = {
      ...this.#listed(ticket),
      flags: detail.flags,
      step: detail.step,
      accepted_at: detail.accepted_at,
      acknowledged: detail.acknowledged,
      room_id: detail.room_id,
      event_id: detail.event_id,
      ...(ticket.joins === undefined ? {} : { joined_to: ticket.joins }),
      ...(ticket.joined === undefined ? {} : { joined: ticket.joined }),
      timeline: detail.timeline.slice(-LINES),
      earlier: Math.max(0, detail.timeline.length - LINES),
    };
    return { outcome: 'ok', code: 'shown', data: { ...data }, audit: [], about: aboutOf(ticket) };
  }

  /** At once where somebody took it. Where nobody has it stops an alarm, so that is asked first; of a STAT a second person is. */
  async close(tx: Tx, given: GivenCommand, ref: string): Promise<Decided> {
    const ticket = await this.#named(tx, ref);
    if ('outcome' in ticket) return ticket;
    if (isOver(ticket)) return refused('ticket-closed', aboutOf(ticket));
    if (ticket.state === 'acknowledged') return this.#close(tx, given, ticket);
    const secondPerson = ticket.urgency === 'stat' && ticket.joins === undefined;
    return {
      outcome: 'confirm',
      code: 'nobody-took-it',
      data: { ...this.#listed(ticket), second_person: secondPerson },
      audit: [],
      asks: { plan: { ticket_id: ticket.ticketId }, secondPerson },
      about: aboutOf(ticket),
    };
  }

  /** What the closing was shown on: that it is open and nobody has it. Locks the ticket, so that it stays so until it is closed. */
  async closingBasis(tx: Tx, plan: Asked['plan']): Promise<unknown> {
    const ticket = await tx.ticketForUpdate(ticketId(String(plan.ticket_id)));
    return ticket && { isOver: isOver(ticket), isTaken: ticket.state === 'acknowledged', urgency: ticket.urgency };
  }

  async closeAsShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const ticket = await tx.ticket(ticketId(String(plan.ticket_id)));
    if (!ticket) throw new Error('ticket-gone');
    return this.#close(tx, given, ticket);
  }

  /** Goes into the ticket's thread, and to nobody else; of a repeat call into the thread that it joined. */
  async note(tx: Tx, given: GivenCommand, ref: string, text: Phi<string>): Promise<Decided> {
    const named = await this.#named(tx, ref);
    if ('outcome' in named) return named;
    const ticket = await tx.ticketForUpdate(named.joins ?? named.ticketId);
    if (!ticket) throw new Error('ticket-gone');
    const words = `Note of the administrator ${given.sender}:\n${shown(text.reveal())}`;
    return this.#move(tx, given, ticket, 'noted', { type: 'noted', how: 'note' }, words);
  }

  async #close(tx: Tx, given: GivenCommand, seen: Ticket): Promise<Decided> {
    const ticket = await tx.ticketForUpdate(seen.ticketId);
    if (!ticket) throw new Error('ticket-gone');
    const words = `Closed by the administrator ${given.sender}.`;
    return this.#move(
      tx,
      given,
      ticket,
      'closed',
      { type: 'closed', by: given.sender, how: 'closed', who: given.sender },
      words,
    );
  }

  async #move(
    tx: Tx,
    given: GivenCommand,
    before: Ticket,
    code: string,
    event: TicketEvent,
    words: string,
  ): Promise<Decided> {
    const after = await advanceTicket(this.#flow, tx, before, [event], {
      actor: given.sender,
      words: { pieces: new Phi(inPieces(words)) },
    });
    const { ticketId: ticket, account } = before;
    const entry: AuditEntry = {
      action: `ticket.administrator_${code}`,
      outcome: 'ok',
      actor: given.sender,
      ticket,
      account,
      room: given.room,
      event: given.event,
      detail: { was: before.state },
    };
    return {
      outcome: 'ok',
      code,
      data: { ticket_id: ticket, ref: shownOnOneLine(before.externalId), account, state: after.ticket.state },
      audit: [entry, ...after.audit],
      jobs: after.jobs,
      about: aboutOf(before),
      afterwards: () => tellAfterwards(this.#flow, before, after),
    };
  }

  /** By Wardroom's id, or by the service's; of several of that id, the one that is still open. */
  async #named(tx: Tx, ref: string): Promise<Ticket | Decided> {
    const own = await tx.ticket(ticketId(ref));
    if (own) return own;
    const named = await tx.ticketsNamed(ref, NAMED);
    const open = named.filter((ticket) => !isOver(ticket));
    const [only, another] = open.length > 0 ? open : named;
    if (!only) return refused('no-such-ticket', {});
    if (!another) return only;
    return {
      ...refused('which-ticket', {}),
      data: {
        tickets: named.map((ticket) => this.#listed(ticket)),
        did_you_mean: named.map((ticket) => ticket.ticketId),
      },
    };
  }

  #listed(ticket: Ticket): OpenTicket {
    const { directory, clock } = this.#flow;
    return {
      ticket_id: ticket.ticketId,
      ref: shownOnOneLine(ticket.externalId).slice(0, 80),
      service: ticket.service,
      account: ticket.account,
      urgency: ticket.urgency,
      state: ticket.state,
      age_seconds: Math.max(0, Math.round((clock.now() - ticket.acceptedAt) / 1000)),
      next_step_at: ticket.nextStepAt === null ? null : isoInstant(ticket.nextStepAt),
      alerted: ticket.alerted.map((user) => directory.personOf(user) ?? user),
    };
  }
}

const isOver = ({ state }: Ticket): boolean => state === 'closed' || state === 'reported';
const aboutOf = ({ ticketId: ticket, account }: Ticket) => ({ ticket, account });
const refused = (code: string, about: Readonly<Record<string, unknown>>): Decided => ({
  outcome: 'refused',
  code,
  data: {},
  audit: [],
  about,
});
