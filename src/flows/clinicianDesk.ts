import { type AccountId, accountId, type UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import { whoIsAlerted } from '../tickets/alerted.ts';
import { holds } from '../tickets/handover.ts';
import { sayAlerted } from '../tickets/lines.ts';
import { shownOnOneLine } from '../tickets/shown.ts';
import type { Resolution, Ticket, TicketEvent } from '../tickets/ticket.ts';
import { advanceTicket } from './advanceTicket.ts';
import type { Performed, Said } from './clinicianPort.ts';
import type { AuditEntry, Tx } from './ports.ts';
import { mayTake, taken } from './takeTicket.ts';
import type { TicketFlow } from './ticketFlow.ts';

/** So many tickets of one's own are listed; who has more is told how many. */
const LISTED = 30;
/** A ticket that one took longer ago and never closed is not listed any more. */
const HELD_MS = 7 * 24 * 3_600_000;

export interface Schedules {
  /** The roles of the account's practice; null where there is no schedule. */
  rolesOf(account: AccountId): readonly string[] | null;
}

/** One of the sender's tickets, without a word of its text. */
export interface ListedTicket {
  readonly ticket_id: string;
  /** What to write before "ok"; null once somebody took it. */
  readonly number: string | null;
  readonly account: string;
  readonly urgency: string;
  readonly state: string;
  readonly age_seconds: number;
  readonly room_id: string | null;
  /** The root of its thread. */
  readonly event_id: string | null;
  /** Who was alerted when, and who comes next, in words; null once somebody took it. */
  readonly alerted: string | null;
}

export interface ListedRole {
  readonly role: string;
  readonly tier: 'primary' | 'backup';
  readonly people: readonly { readonly person: string; readonly user_id: UserId }[];
  /** Why it is nobody, or who stands in. */
  readonly code?: string;
}

/** What clinicians do by commands (contract.md, "Bot"), each inside the transaction that also keeps its answer. */
export class ClinicianDesk {
  readonly #flow: TicketFlow;
  readonly #schedules: Schedules;

  constructor(flow: TicketFlow, schedules: Schedules) {
    this.#flow = flow;
    this.#schedules = schedules;
  }

  /** Takes responsibility. */
  async acknowledge(tx: Tx, said: Said, number: string | null): Promise<Performed> {
    const ticket = await this.#ticket(tx, said, number, (one) => isUntaken(one));
    if (typeof ticket === 'string') return refused(ticket);
    if (ticket.state === 'closed' || ticket.state === 'reported') return refused('ticket-closed');
    await tx.linkEvent(said.event, ticket.ticketId, 'acknowledgement');
    return this.#move(tx, said, ticket, 'acknowledged', [this.#acknowledged(said)]);
  }

  /** Hands it to a colleague, who may take it. `words`: how the sender names them, where it is not by a mention. */
  async pass(tx: Tx, said: Said, number: string | null, words: string): Promise<Performed> {
    const ticket = await this.#ticket(tx, said, number, (one) => holds(one, said.sender));
    if (typeof ticket === 'string') return refused(ticket);
    if (ticket.state === 'closed' || ticket.state === 'reported') return refused('ticket-closed');
    if (!holds(ticket, said.sender)) return refused('not-yours');
    const others = ticket.acknowledgements.some(({ by }) => by !== said.sender);
    if (ticket.state === 'acknowledged' && others) return refused('already-taken');
    const to = this.#colleague(ticket, words, said);
    if (to === null) return refused('no-such-colleague');
    await tx.linkEvent(said.event, ticket.ticketId, 'reply');
    return this.#move(tx, said, ticket, 'passed', [{ type: 'passed', by: said.sender, to }], { to });
  }

  /** Closes it, taking it first where nobody has. `disposition` goes back to services that want text. */
  async done(tx: Tx, said: Said, number: string | null, disposition: Phi<string> | null): Promise<Performed> {
    const ticket = await this.#ticket(tx, said, number, (one) => holds(one, said.sender));
    if (typeof ticket === 'string') return refused(ticket);
    if (ticket.state === 'closed' || ticket.state === 'reported') return refused('ticket-closed');
    await tx.linkEvent(said.event, ticket.ticketId, 'reply');
    const events: TicketEvent[] = ticket.state === 'acknowledged' ? [] : [this.#acknowledged(said)];
    events.push({ type: 'closed', by: said.sender, how: 'done', who: said.sender });
    return this.#move(tx, said, ticket, 'closed', events, {}, disposition);
  }

  /** The sender's own: those that wait for them, and those they took and did not close. */
  async tickets(tx: Tx, { sender }: Said): Promise<Performed> {
    const now = this.#flow.clock.now();
    const [due, held] = await Promise.all([tx.openTicketsDue(sender), tx.heldTickets(sender, now - HELD_MS)]);
    const own = (tickets: readonly Ticket[]) => tickets.filter((one) => mayTake(this.#flow, one, sender) && !one.test);
    const [waiting, inHand] = [own(due), own(held)];
    const shown = waiting.slice(0, LISTED);
    // The latest of those in hand: older ones were forgotten, not done.
    const shownInHand = inHand.slice(-LISTED);
    const tickets: ListedTicket[] = [];
    for (const ticket of shown) {
      const alerted = await this.#whoElse(tx, ticket, now);
      tickets.push({ ...listed(ticket, now, alerted), ...(await this.#ownPlace(tx, ticket, sender)) });
    }
    const taken: ListedTicket[] = [];
    for (const ticket of shownInHand)
      taken.push({ ...listed(ticket, now, null), ...(await this.#ownPlace(tx, ticket, sender)) });
    return answered('tickets', {
      tickets,
      in_hand: taken,
      more: waiting.length - shown.length + inHand.length - shownInHand.length,
    });
  }

  /** Where somebody has a ticket that lies in rooms of their own. */
  async #ownPlace(tx: Tx, { account, ticketId }: Ticket, user: UserId): Promise<Partial<ListedTicket>> {
    if (!this.#flow.directory.deliversPersonally(account)) return {};
    const own = (await tx.messagesOf(ticketId)).find((one) => one.audience === user && one.state === 'sent');
    return own ? { room_id: own.roomId, event_id: own.eventId } : {};
  }

  async #whoElse(tx: Tx, ticket: Ticket, now: number): Promise<string | null> {
    const { directory } = this.#flow;
    const alerted = whoIsAlerted(ticket, await tx.timeline(ticket.ticketId), directory);
    return sayAlerted(alerted, now, directory.placeOf(ticket.account).tz)?.plain ?? null;
  }

  /** Who is on call now. People see the accounts they are part of; who asks in the control room sees all. */
  async onCall(said: Said, named: string | null): Promise<Performed> {
    const { directory, clock } = this.#flow;
    const account = named === null ? said.account : accountId(named);
    if (account === null) return refused('no-account');
    const sees = said.account === null || directory.members(account).some(({ userId }) => userId === said.sender);
    if (!sees) return refused('no-account');
    const roles = this.#schedules.rolesOf(account);
    if (roles === null && said.account !== account) return refused('no-account');
    const asked = (role: string, tier: ListedRole['tier'], target: string): ListedRole => ({
      role,
      tier,
      ...peopleOf(directory.resolve(account, target, clock.now())),
    });
    const list =
      roles === null
        ? [asked('site default', 'primary', 'site.default_oncall')]
        : roles.flatMap((role) => [asked(role, 'primary', role), asked(role, 'backup', `${role}.backup`)]);
    return answered('oncall', { account, roles: list });
  }

  /** The ticket that is meant, locked; or the code of a refusal. */
  async #ticket(
    tx: Tx,
    said: Said,
    number: string | null,
    fits: (ticket: Ticket) => boolean,
  ): Promise<Ticket | 'no-ticket' | 'which-ticket' | 'not-yours' | 'heard-late'> {
    const { sender, target, room } = said;
    if (target !== null) {
      const ticket = await tx.ticketForUpdate(target);
      if (!ticket) return 'no-ticket';
      if (!mayTake(this.#flow, ticket, sender)) return 'not-yours';
      return number === null || number === ticket.token ? ticket : 'which-ticket';
    }
    const [open, held] = await Promise.all([
      tx.openTicketsIn(room),
      tx.heldTickets(sender, this.#flow.clock.now() - HELD_MS),
    ]);
    const here = [...held.filter(({ account }) => account === said.account), ...open];
    const mine = here.filter(
      (ticket) => mayTake(this.#flow, ticket, sender) && (number === null ? fits(ticket) : ticket.token === number),
    );
    if (mine.length === 0) return 'no-ticket';
    if (mine.length > 1) return 'which-ticket';
    if (said.isOld) return 'heard-late';
    return (await tx.ticketForUpdate(mine[0]!.ticketId)) ?? 'no-ticket';
  }

  #acknowledged({ sender, event, strength }: Said): TicketEvent {
    return taken(this.#flow, { by: sender, how: 'command', strength, event });
  }

  /** A colleague who may take the ticket: by Matrix id, its local part, their key in dispatch.yaml, or the mention. */
  #colleague(ticket: Ticket, words: string, { sender, mentions }: Said): UserId | null {
    const { directory } = this.#flow;
    const able = directory
      .members(ticket.account)
      .filter(({ userId }) => userId !== sender && mayTake(this.#flow, ticket, userId));
    const name = words
      .trim()
      .replace(/^https:\/\/matrix\.to\/#\//, '')
      .split('?')[0]!;
    const named = able.filter(
      ({ userId, person }) =>
        userId === name || userId === decoded(name) || userId.split(':')[0] === name || person === name,
    );
    const meant = named.length > 0 ? named : able.filter(({ userId }) => mentions.includes(userId));
    return meant.length === 1 ? meant[0]!.userId : null;
  }

  async #move(
    tx: Tx,
    said: Said,
    before: Ticket,
    code: string,
    events: readonly TicketEvent[],
    data: Readonly<Record<string, unknown>> = {},
    replyText: Phi<string> | null = null,
  ): Promise<Performed> {
    const after = await advanceTicket(this.#flow, tx, before, events, {
      actor: said.sender,
      ...(replyText === null ? {} : { replyText, saidIn: said.event }),
    });
    const { ticketId, account, externalId } = before;
    const entry: AuditEntry = {
      action: `ticket.command_${code}`,
      outcome: 'ok',
      actor: said.sender,
      ticket: ticketId,
      account,
      room: said.room,
      event: said.event,
      detail: { strength: said.strength },
    };
    return {
      outcome: 'ok',
      code,
      data: { ticket_id: ticketId, ref: shownOnOneLine(externalId), state: after.ticket.state, ...data },
      audit: [entry, ...after.audit],
      jobs: after.jobs,
      moved: [{ before, after }],
    };
  }
}

const listed = (ticket: Ticket, now: number, alerted: string | null): ListedTicket => ({
  ticket_id: ticket.ticketId,
  number: ticket.state === 'acknowledged' ? null : ticket.token,
  account: ticket.account,
  urgency: ticket.urgency,
  state: ticket.state,
  age_seconds: Math.max(0, Math.round((now - ticket.acceptedAt) / 1000)),
  room_id: ticket.roomId,
  event_id: ticket.rootEventId,
  alerted,
});

const isUntaken = ({ state }: Ticket) => state !== 'acknowledged' && state !== 'closed' && state !== 'reported';

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function peopleOf(found: Resolution): Pick<ListedRole, 'people' | 'code'> {
  switch (found.kind) {
    case 'people': {
      const people = found.people.map(({ person, userId }) => ({ person, user_id: userId }));
      const code = found.alarms[0];
      return { people, ...(code === undefined ? {} : { code }) };
    }
    case 'skip':
      return { people: [], code: found.code };
    case 'dispatcher':
    case 'organisation':
      return { people: [], code: found.kind };
  }
}

const nothing = { audit: [], jobs: [], moved: [] } as const;
const answered = (code: string, data: Performed['data']): Performed => ({ outcome: 'ok', code, data, ...nothing });
const refused = (code: string): Performed => ({ outcome: 'refused', code, data: {}, ...nothing });
