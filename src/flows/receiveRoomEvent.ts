import type { Clock } from '../kernel/clock.ts';
import type { AccountId, RoomId, TicketId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { isAcknowledgingReaction, isDecliningReaction, readReply } from '../tickets/acknowledgement.ts';
import { holds } from '../tickets/handover.ts';
import type { AcknowledgedHow, Strength } from '../tickets/ticket.ts';
import { TicketAnswers } from './answerTicket.ts';
import { changeTicket } from './changeTicket.ts';
import type { ClinicianCommands, Said } from './clinicianPort.ts';
import { meantTicket } from './meantTicket.ts';
import type { RoomEvent } from './ports.ts';
import type { ByHand } from './retention/byHand.ts';
import { mayTake } from './takeTicket.ts';
import type { DeliveryFlow } from './ticketFlow.ts';
import { accepts, chosen, mayAccept } from './wctpChoices.ts';
import { wctpOrigin } from './wctpOrigins.ts';

type Of<T extends RoomEvent['type']> = Extract<RoomEvent, { type: T }>;

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
  /** Where clinicians' commands count, beside the rooms of accounts: the control room, and rooms that are kept. */
  readonly hearsCommands: (room: RoomId) => boolean;
  /** What people write, encrypted, in a room of no account. */
  readonly elsewhere: (event: Of<'message'>) => Promise<void>;
  /** What people do to messages with their clients. */
  readonly byHand: Pick<ByHand, 'redacted' | 'edited'>;
}

/**
 * What people do in an account's room: acknowledge, withdraw, reply, read. Safe to call twice with the same event.
 * Rules: data README, "Stopping"; contract.md, "In the room".
 */
export class RoomEventReceiver {
  readonly #flow: DeliveryFlow;
  readonly #answers: TicketAnswers;
  /** How sure an encrypted reply from a device its owner did not sign is. */
  readonly #unsignedStrength: Strength;

  readonly #elsewhere: (event: Of<'message'>) => Promise<void>;
  readonly #machineClock: Clock;
  readonly #byHand: RoomEventOptions['byHand'];
  readonly #commands: ClinicianCommands;
  readonly #hearsCommands: (room: RoomId) => boolean;

  constructor(flow: DeliveryFlow, options: RoomEventOptions) {
    this.#flow = flow;
    this.#answers = new TicketAnswers(flow);
    this.#elsewhere = options.elsewhere;
    this.#machineClock = options.machineClock;
    this.#byHand = options.byHand;
    this.#commands = options.commands;
    this.#hearsCommands = options.hearsCommands;
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
    const { room, event: id, sender: by, replaces } = event;
    if (replaces && !this.#flow.isOwnUser(by)) await this.#byHand.edited({ room, event: id, by, target: replaces });
    // Plaintext in an encrypted room counts for nothing; an edit of a message is not a new word.
    if (!event.encrypted || event.isEdit || this.#flow.isOwnUser(event.sender)) return;
    const account = await store.read.accountOfRoom(event.room);
    const reply = readReply(event.body.reveal());
    // Before anything else: one that was done and not answered yet is answered now.
    if (reply.kind === 'command' && this.#commands.knows(reply.name) && (account || this.#hearsCommands(event.room)))
      return this.#command(event, account, reply);
    if (!account) return this.#elsewhere(event);
    if (await store.read.eventKind(event.event)) return;
    const target = await this.#target(event);
    if (reply.kind === 'text' || reply.kind === 'command') {
      if (target && reply.kind === 'text' && (await this.#isAcceptance(target, event.body)))
        return this.#answers.acknowledge(target, event, 'reply', this.#strengthOf(event));
      if (target) await this.#answers.reply(target, event);
      return;
    }
    if (reply.kind === 'decline') return this.#declineFor(event, target);
    return this.#okFor(event, target, reply.token);
  }

  /** An "ok": with a ticket's number, in its thread, or with neither, where it can mean one ticket only. */
  async #okFor(event: Of<'message'>, target: TicketId | null, token: string | null): Promise<void> {
    const how: AcknowledgedHow = 'reply';
    const strength = this.#strengthOf(event);
    const open = await this.#flow.store.read.openTicketsIn(event.room);
    const mine = open.filter((ticket) => mayTake(this.#flow, ticket, event.sender));
    if (!target && this.#isOld(event)) return mine.length > 0 ? this.#answers.askWhich(event, mine) : undefined;
    if (token !== null) {
      const meant = mine.filter((ticket) => ticket.token === token);
      const only = meant.length === 1 ? meant[0] : undefined;
      if (only && (!target || target === only.ticketId))
        return this.#answers.acknowledge(only.ticketId, event, how, strength);
      if (target) return this.#answers.reply(target, event);
      return mine.length > 0 ? this.#answers.askWhich(event, mine) : undefined;
    }
    if (target) return this.#answers.acknowledge(target, event, how, strength);
    const only = mine.length === 1 ? mine[0] : undefined;
    if (only) return this.#answers.acknowledge(only.ticketId, event, how, strength);
    if (mine.length > 1) await this.#answers.askWhich(event, mine);
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
      replyTo: event.inReplyTo,
      mentions,
      strength: this.#strengthOf(event),
      isCrossSigned: event.crossSigned,
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
    const target = await meantTicket(this.#flow.store.read, [event.target], event.room);
    if (!target) return;
    if (declines) return this.#answers.decline(target, event);
    if (!acknowledges && !(await this.#isAcceptance(target, new Phi(event.key)))) return;
    return this.#answers.acknowledge(target, event, 'reaction', 'server');
  }

  async #redaction(event: Of<'redaction'>): Promise<void> {
    const { room, event: id, sender: by, redacts: target } = event;
    if (!this.#flow.isOwnUser(by)) await this.#byHand.redacted({ room, event: id, by, target });
    const known = await this.#flow.store.read.eventKind(event.redacts);
    if (known?.kind !== 'acknowledgement') return;
    await changeTicket(this.#flow, known.ticketId, { actor: event.sender }, () => [
      { type: 'withdrawn', eventId: event.redacts },
    ]);
  }

  async #read(event: Of<'read'>): Promise<void> {
    if (this.#flow.isOwnUser(event.user)) return;
    for (const root of event.roots) {
      const id = await meantTicket(this.#flow.store.read, [root], event.room);
      if (id) await changeTicket(this.#flow, id, { actor: event.user }, () => [{ type: 'seen', by: event.user }]);
    }
  }

  /** The ticket a message speaks of: by its thread, else by what it replies to. */
  #target(event: Of<'message'>): Promise<TicketId | null> {
    return meantTicket(
      this.#flow.store.read,
      [event.thread, event.inReplyTo].filter((related) => related !== null),
      event.room,
    );
  }

  /** Whether these words are an answer that came with the ticket by WCTP and takes it. */
  async #isAcceptance(id: TicketId, body: Phi<string>): Promise<boolean> {
    const origin = await wctpOrigin(this.#flow.services, this.#flow.store.read, id);
    const choice = origin && chosen(origin.choices.reveal(), body);
    return choice !== null && accepts(choice);
  }

  /** Without a ticket that it speaks of, the only one that the sender could decline. */
  async #declineFor(event: Of<'message'>, target: TicketId | null): Promise<void> {
    if (target) return this.#answers.decline(target, event);
    const open = await this.#flow.store.read.openTicketsIn(event.room);
    const mine = open.filter((ticket) => mayTake(this.#flow, ticket, event.sender) && holds(ticket, event.sender));
    const only = mine.length === 1 ? mine[0] : undefined;
    if (only && !this.#isOld(event)) return this.#answers.decline(only.ticketId, event);
    if (mine.length > 0) await this.#answers.askWhich(event, mine, 'decline');
  }
}
