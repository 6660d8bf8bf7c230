import { createHash } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import { type AccountId, type EventId, messageId, type RoomId, type TicketId, type UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { isAcknowledgingReaction, isDecliningReaction, readReply } from '../tickets/acknowledgement.ts';
import { holds } from '../tickets/handover.ts';
import type { AcknowledgedHow, Acknowledgement, Strength, Ticket } from '../tickets/ticket.ts';
import { newMessage } from './advanceTicket.ts';
import { changeTicket } from './changeTicket.ts';
import type { ClinicianCommands, Said } from './clinicianPort.ts';
import type { AuditEntry, RoomEvent } from './ports.ts';
import type { DeliveryFlow } from './ticketFlow.ts';
import { accepts, chosen, mayAccept } from './wctpChoices.ts';
import { wctpOrigin } from './wctpOrigins.ts';

type Of<T extends RoomEvent['type']> = Extract<RoomEvent, { type: T }>;

/** Thrown when an event points at a message whose event id is not recorded yet: the feed hands it over again. */
export class NotYet extends Error {}

/**
 * Heard so much later than it was sent, an "ok" that names no message may have been meant for a ticket that is over: the homeserver
 * was away, forgot to push it, or its key came late.
 */
const OLD_MS = 10 * 60_000;

export interface RoomEventOptions {
  /** The machine's time. */
  readonly machineClock: Clock;
  readonly acceptsUnsignedDevices: boolean;
  readonly commands: ClinicianCommands;
  /** Where commands count, too. */
  readonly isControlRoom: (room: RoomId) => boolean;
  /** What people write, encrypted, in a room of no account. */
  readonly elsewhere: (event: Of<'message'>) => Promise<void>;
}

/**
 * What people do in an account's room: acknowledge, withdraw, reply, read. Safe to call twice with the same event.
 * Rules: data README, "Stopping"; contract.md, "In the room".
 */
export class RoomEventReceiver {
  readonly #flow: DeliveryFlow;
  /** How sure an encrypted reply from a device its owner did not sign is. */
  readonly #unsignedStrength: Strength;

  readonly #elsewhere: (event: Of<'message'>) => Promise<void>;
  readonly #machineClock: Clock;
  readonly #commands: ClinicianCommands;
  readonly #isControlRoom: (room: RoomId) => boolean;

  constructor(flow: DeliveryFlow, options: RoomEventOptions) {
    this.#flow = flow;
    this.#elsewhere = options.elsewhere;
    this.#machineClock = options.machineClock;
    this.#commands = options.commands;
    this.#isControlRoom = options.isControlRoom;
    this.#unsignedStrength = options.acceptsUnsignedDevices ? 'device' : 'server';
  }

  async receive(event: RoomEvent): Promise<void> {
    switch (event.type) {
      case 'message':
        return this.#message(event);
      case 'reaction':
        return this.#reaction(event);
      case 'redaction':
        return this.#redaction(event);
      case 'read':
        return this.#read(event);
    }
  }

  async #message(event: Of<'message'>): Promise<void> {
    const { store } = this.#flow;
    // Plaintext in an encrypted room counts for nothing; an edit of a message is not a new word.
    if (!event.encrypted || event.isEdit || this.#flow.isOwnUser(event.sender)) return;
    const account = await store.read.accountOfRoom(event.room);
    const reply = readReply(event.body.reveal());
    // Before anything else: one that was done and not answered yet is answered now.
    if (reply.kind === 'command' && this.#commands.knows(reply.name) && (account || this.#isControlRoom(event.room)))
      return this.#command(event, account, reply);
    if (!account) return this.#elsewhere(event);
    if (await store.read.eventKind(event.event)) return;
    const target = await this.#target(event);
    if (reply.kind === 'text' || reply.kind === 'command') {
      if (target && reply.kind === 'text' && (await this.#isAcceptance(target, event.body)))
        return this.#acknowledge(target, event, 'reply', this.#strengthOf(event));
      if (target) await this.#reply(event, target);
      return;
    }
    if (reply.kind === 'decline') return this.#declineFor(event, target);
    const token = reply.token;
    const how: AcknowledgedHow = 'reply';
    const strength = this.#strengthOf(event);
    const open = await store.read.openTicketsIn(event.room);
    const mine = open.filter((ticket) => this.#mayAcknowledge(ticket, event.sender));
    if (!target && this.#isOld(event)) return mine.length > 0 ? this.#askWhich(event, mine) : undefined;
    if (token !== null) {
      const meant = mine.filter((ticket) => ticket.token === token);
      const only = meant.length === 1 ? meant[0] : undefined;
      if (only && (!target || target === only.ticketId)) return this.#acknowledge(only.ticketId, event, how, strength);
      if (target) return this.#reply(event, target);
      return mine.length > 0 ? this.#askWhich(event, mine) : undefined;
    }
    if (target) return this.#acknowledge(target, event, how, strength);
    const only = mine.length === 1 ? mine[0] : undefined;
    if (only) return this.#acknowledge(only.ticketId, event, how, strength);
    if (mine.length > 1) await this.#askWhich(event, mine);
  }

  async #command(
    event: Of<'message'>,
    account: AccountId | null,
    { name, rest }: { readonly name: string; readonly rest: string },
  ): Promise<void> {
    const { room, sender, thread, mentions = [] } = event;
    const said: Said = {
      room,
      account,
      event: event.event,
      sender,
      thread,
      target: account === null ? null : await this.#target(event),
      mentions,
      strength: this.#strengthOf(event),
      isOld: this.#isOld(event),
    };
    await this.#commands.receive(said, name, new Phi(rest));
  }

  #strengthOf(event: Of<'message'>): Strength {
    return event.crossSigned ? 'device' : this.#unsignedStrength;
  }

  #isOld(event: Of<'message'>): boolean {
    return this.#machineClock.now() - event.sentAt > OLD_MS;
  }

  async #reaction(event: Of<'reaction'>): Promise<void> {
    const declines = isDecliningReaction(event.key);
    const acknowledges = isAcknowledgingReaction(event.key);
    const isChoice = mayAccept(event.key);
    if (this.#flow.isOwnUser(event.sender) || (!declines && !acknowledges && !isChoice)) return;
    if (await this.#flow.store.read.eventKind(event.event)) return;
    const target = await this.#ticketOf([event.target], event.room);
    if (!target) return;
    if (declines) return this.#decline(target, event);
    if (!acknowledges && !(await this.#isAcceptance(target, new Phi(event.key)))) return;
    return this.#acknowledge(target, event, 'reaction', 'server');
  }

  async #redaction(event: Of<'redaction'>): Promise<void> {
    const known = await this.#flow.store.read.eventKind(event.redacts);
    if (known?.kind !== 'acknowledgement') return;
    await changeTicket(this.#flow, known.ticketId, { actor: event.sender }, () => [
      { type: 'withdrawn', eventId: event.redacts },
    ]);
  }

  async #read(event: Of<'read'>): Promise<void> {
    if (this.#flow.isOwnUser(event.user)) return;
    for (const root of event.roots) {
      const id = await this.#ticketOf([root], event.room);
      if (id) await changeTicket(this.#flow, id, { actor: event.user }, () => [{ type: 'seen', by: event.user }]);
    }
  }

  /** The ticket a message speaks of: by its thread, else by what it replies to. */
  #target(event: Of<'message'>): Promise<TicketId | null> {
    return this.#ticketOf(
      [event.thread, event.inReplyTo].filter((related) => related !== null),
      event.room,
    );
  }

  /**
   * The ticket that the first of these events belongs to, if one does. A quick person can answer a message before the homeserver's
   * answer to our send is recorded: then this is tried again later.
   */
  async #ticketOf(events: readonly EventId[], room: RoomId): Promise<TicketId | null> {
    if (events.length === 0) return null;
    const known = await this.#known(events);
    if (known) return known;
    if (await this.#flow.store.read.hasUnrecordedMessage(room)) throw new NotYet('event-not-recorded-yet');
    // It may have been recorded between the two looks.
    return this.#known(events);
  }

  async #known(events: readonly EventId[]): Promise<TicketId | null> {
    for (const event of events) {
      const id = await this.#flow.store.read.ticketOfEvent(event);
      if (id) return id;
    }
    return null;
  }

  #mayAcknowledge(ticket: Ticket, user: UserId): boolean {
    return this.#flow.directory.mayAcknowledge(ticket.account, ticket.urgency, user);
  }

  /** Whether these words are an answer that came with the ticket by WCTP and takes it. */
  async #isAcceptance(id: TicketId, body: Phi<string>): Promise<boolean> {
    const origin = await wctpOrigin(this.#flow.services, this.#flow.store.read, id);
    const choice = origin && chosen(origin.choices.reveal(), body);
    return choice !== null && accepts(choice);
  }

  async #acknowledge(
    id: TicketId,
    event: Of<'message'> | Of<'reaction'>,
    how: AcknowledgedHow,
    strength: Strength,
  ): Promise<void> {
    const { clock, directory } = this.#flow;
    const by = event.sender;
    let refused = false;
    await changeTicket(
      this.#flow,
      id,
      { actor: by, replyText: wordsOf(event) },
      (ticket) => {
        refused = !this.#mayAcknowledge(ticket, by);
        if (refused) return [];
        const acknowledgement: Acknowledgement = {
          by,
          person: directory.personOf(by),
          at: clock.now(),
          how,
          strength,
          eventId: event.event,
        };
        return [{ type: 'acknowledged', acknowledgement }];
      },
      async (tx, ticket) => {
        await tx.linkEvent(event.event, id, 'acknowledgement');
        return this.#entry('ticket.acknowledgement', ticket, event, { how, strength });
      },
    );
    if (refused && event.type === 'message') await this.#reply(event, id);
  }

  /** Without a ticket that it speaks of, the only one that the sender could decline. */
  async #declineFor(event: Of<'message'>, target: TicketId | null): Promise<void> {
    if (target) return this.#decline(target, event);
    const open = await this.#flow.store.read.openTicketsIn(event.room);
    const mine = open.filter((ticket) => this.#mayAcknowledge(ticket, event.sender) && holds(ticket, event.sender));
    const only = mine.length === 1 ? mine[0] : undefined;
    if (only && !this.#isOld(event)) return this.#decline(only.ticketId, event);
    if (mine.length > 0) await this.#askWhich(event, mine, 'decline');
  }

  async #decline(id: TicketId, event: Of<'message'> | Of<'reaction'>): Promise<void> {
    const by = event.sender;
    let refused = false;
    await changeTicket(
      this.#flow,
      id,
      { actor: by, replyText: wordsOf(event) },
      (ticket) => {
        refused = !this.#mayAcknowledge(ticket, by) || !holds(ticket, by);
        return refused ? [] : [{ type: 'declined', by }];
      },
      async (tx, ticket) => {
        await tx.linkEvent(event.event, id, 'reply');
        return this.#entry('ticket.decline_received', ticket, event, {});
      },
    );
    // From somebody whom nobody asked it is a word like any other.
    if (refused && event.type === 'message') await this.#reply(event, id);
  }

  async #reply(event: Of<'message'>, id: TicketId): Promise<void> {
    await changeTicket(
      this.#flow,
      id,
      { actor: event.sender, replyText: event.body },
      () => [{ type: 'replied', by: event.sender }],
      async (tx, ticket) => {
        await tx.linkEvent(event.event, id, 'reply');
        return this.#entry('ticket.reply_received', ticket, event, {});
      },
    );
  }

  /** "ok" with several tickets open says nothing about any of them: ask. */
  async #askWhich(event: Of<'message'>, open: readonly Ticket[], said: 'ok' | 'decline' = 'ok'): Promise<void> {
    const first = open[0];
    if (!first) return;
    const choices = open.map(
      (ticket) =>
        `${ticket.token}${said === 'ok' ? ' ok' : ''} (${ticket.urgency.toUpperCase()}, ${minutes(this.#flow.clock.now() - ticket.acceptedAt)})`,
    );
    const how =
      said === 'ok'
        ? `Reply ${choices.join(' or ')}, or react to the message itself.`
        : `Say it in the thread of the one you mean: ${choices.join(' or ')}.`;
    const notice = `Which ticket? ${open.length} ${open.length === 1 ? 'is' : 'are'} open. ${how}`;
    const id = messageId(
      `${first.ticketId}.which.${createHash('sha256').update(event.event).digest('hex').slice(0, 16)}`,
    );
    await this.#flow.store.change(async (tx) => {
      if (await tx.message(id)) return null;
      await tx.insertMessage(
        newMessage({
          id,
          ticketId: first.ticketId,
          kind: 'notice',
          step: null,
          repeat: 1,
          mention: [event.sender],
          due: [],
          notice,
          inReplyTo: event.event,
          now: this.#flow.clock.now(),
        }),
      );
      await tx.linkEvent(event.event, first.ticketId, 'reply');
      return {
        value: null,
        audit: [this.#entry('ticket.acknowledgement_unclear', first, event, { open: open.length })],
        jobs: [{ task: 'post', messageId: id, urgency: first.urgency }],
      };
    });
  }

  #entry(
    action: string,
    ticket: Ticket,
    event: Of<'message'> | Of<'reaction'>,
    detail: Readonly<Record<string, unknown>>,
  ): AuditEntry {
    return {
      action,
      outcome: 'ok',
      actor: event.sender,
      ticket: ticket.ticketId,
      account: ticket.account,
      room: event.room,
      event: event.event,
      detail,
    };
  }
}

/** What somebody wrote, or reacted with. */
const wordsOf = (event: Of<'message'> | Of<'reaction'>): Phi<string> =>
  event.type === 'message' ? event.body : new Phi(event.key);

const minutes = (ms: number) => `${Math.max(0, Math.round(ms / 60_000))} min`;
