import { createHash } from 'node:crypto';
import { messageId, type TicketId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { holds } from '../tickets/handover.ts';
import type { AcknowledgedHow, Strength, Ticket } from '../tickets/ticket.ts';
import { newMessage } from './advanceTicket.ts';
import { changeTicket } from './changeTicket.ts';
import type { AuditEntry, RoomEvent } from './ports.ts';
import { mayTake, taken } from './takeTicket.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

/** What people answer a ticket with. */
export type Answer = Extract<RoomEvent, { type: 'message' | 'reaction' }>;

/** What an answer does to the ticket it speaks of. */
export class TicketAnswers {
  readonly #flow: DeliveryFlow;

  constructor(flow: DeliveryFlow) {
    this.#flow = flow;
  }

  /** Takes the ticket; from somebody who may not it is a word like any other. */
  async acknowledge(id: TicketId, event: Answer, how: AcknowledgedHow, strength: Strength): Promise<void> {
    const by = event.sender;
    let refused = false;
    await changeTicket(
      this.#flow,
      id,
      { actor: by, replyText: wordsOf(event), saidIn: event.event },
      (ticket) => {
        refused = !mayTake(this.#flow, ticket, by);
        if (refused) return [];
        return [taken(this.#flow, { by, how, strength, event: event.event })];
      },
      async (tx, ticket) => {
        await tx.linkEvent(event.event, id, 'acknowledgement');
        return this.#entry('ticket.acknowledgement', ticket, event, { how, strength });
      },
    );
    if (refused && event.type === 'message') await this.reply(id, event);
  }

  /** Says no to it: the next on its ladder is called at once. */
  async decline(id: TicketId, event: Answer): Promise<void> {
    const by = event.sender;
    let refused = false;
    await changeTicket(
      this.#flow,
      id,
      { actor: by, replyText: wordsOf(event), saidIn: event.event },
      (ticket) => {
        refused = !mayTake(this.#flow, ticket, by) || !holds(ticket, by);
        return refused ? [] : [{ type: 'declined', by }];
      },
      async (tx, ticket) => {
        await tx.linkEvent(event.event, id, 'reply');
        return this.#entry('ticket.decline_received', ticket, event, {});
      },
    );
    // From somebody whom nobody asked it is a word like any other.
    if (refused && event.type === 'message') await this.reply(id, event);
  }

  /** Passes on what somebody said of it. */
  async reply(id: TicketId, event: Extract<Answer, { type: 'message' }>): Promise<void> {
    await changeTicket(
      this.#flow,
      id,
      { actor: event.sender, replyText: event.body, saidIn: event.event },
      () => [{ type: 'replied', by: event.sender }],
      async (tx, ticket) => {
        await tx.linkEvent(event.event, id, 'reply');
        return this.#entry('ticket.reply_received', ticket, event, {});
      },
    );
  }

  /** "ok" with several tickets open says nothing about any of them: ask. */
  async askWhich(
    event: Extract<Answer, { type: 'message' }>,
    open: readonly Ticket[],
    said: 'ok' | 'decline' = 'ok',
  ): Promise<void> {
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
      const isOwnRoom = (await tx.personalRoom(first.account, event.sender)) === event.room;
      await tx.insertMessage(
        newMessage({
          id,
          ticketId: first.ticketId,
          kind: 'notice',
          step: null,
          repeat: 1,
          mention: [event.sender],
          due: [],
          audience: isOwnRoom ? event.sender : null,
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

  #entry(action: string, ticket: Ticket, event: Answer, detail: Readonly<Record<string, unknown>>): AuditEntry {
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
const wordsOf = (event: Answer): Phi<string> => (event.type === 'message' ? event.body : new Phi(event.key));

const minutes = (ms: number) => `${Math.max(0, Math.round(ms / 60_000))} min`;
