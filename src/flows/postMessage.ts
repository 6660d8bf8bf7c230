import type { AccountId, EventId, MessageId, RoomId, TicketId, UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { ok, type PortFailure, type Result } from '../kernel/result.ts';
import { composeMessage, composeNotice, composeWords } from '../tickets/composeMessage.ts';
import type { Ticket, TicketEvent } from '../tickets/ticket.ts';
import type { Circumstances } from './advanceTicket.ts';
import { changeTicket } from './changeTicket.ts';
import { offerChoices } from './offerChoices.ts';
import type { AuditEntry, Job, Message, Postable } from './ports.ts';
import { postTicketAgain } from './postAgain.ts';
import { textReaders } from './readers.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

/** The first try again comes after this many milliseconds; later ones wait longer the older the message, up to the last. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/** The homeserver forgets transaction ids after 24 hours; half of that leaves room for clocks and restarts. */
const REMEMBERED_MS = 12 * 3_600_000;

type Sendable = Message & { [Key in 'voice' | 'roomId' | 'ciphertext']: NonNullable<Message[Key]> };

/** The rooms messages go into, made when they are first needed. */
export interface RoomsOf {
  account(account: AccountId): Promise<Result<RoomId, PortFailure>>;
  /** The room with this alias, in which an account's reports are read. */
  report(account: AccountId, alias: string): Promise<Result<RoomId, PortFailure>>;
}

/**
 * Brings one message into its room: queued -> encrypted (ciphertext kept) -> sent (event id recorded).
 * Killed between any two lines it is repeated from what was committed last: the same ciphertext under the same transaction id,
 * so the homeserver accepts it once. Returns when done, or when it enqueued itself for later; throws only for bugs and a lost database.
 */
export class MessagePoster {
  readonly #flow: DeliveryFlow;
  readonly #rooms: RoomsOf;
  readonly #running = new Map<MessageId, Promise<void>>();

  constructor(flow: DeliveryFlow, rooms: RoomsOf) {
    this.#flow = flow;
    this.#rooms = rooms;
  }

  /** One run per message at a time in this process; a second call waits for the first and does nothing else. */
  post(id: MessageId): Promise<void> {
    const running = this.#running.get(id);
    if (running) return running;
    const run = this.#post(id).finally(() => this.#running.delete(id));
    this.#running.set(id, run);
    return run;
  }

  async #post(id: MessageId): Promise<void> {
    const flow = this.#flow;
    let found = await flow.store.read.postable(id);
    if (found && found.message.kind !== 'ticket') {
      if (!(await this.#earlierAreSent(found.ticket.ticketId, id)))
        return this.#later(found.message, found.ticket, 'earlier-not-sent');
      found = await flow.store.read.postable(id);
    }
    if (!found || found.message.state === 'sent' || found.message.state === 'failed') return;
    const { message, ticket } = found;
    // The thread of a repeat call is that of the ticket it joined.
    if (ticket.joins && ticket.rootEventId === null) return this.#later(message, ticket, 'earlier-not-sent');
    if (isSuperseded(message, ticket)) return this.#giveUp(message, ticket, 'superseded');

    const encrypted = message.state === 'encrypted' ? message : await this.#encrypt(found);
    if (!encrypted) return;
    flow.crash.reach('post.stored');
    const { voice, roomId, ciphertext } = encrypted;
    if (!voice || !roomId || !ciphertext) throw new Error('message-without-ciphertext');
    const sent = await this.#send({ ...encrypted, voice, roomId, ciphertext }, message.state === 'encrypted');
    if (!sent.ok) {
      await this.#failed(encrypted, ticket, sent.error);
      return;
    }
    flow.crash.reach('post.sent');
    const recorded = await this.#record({ ...encrypted, state: 'sent', eventId: sent.value });
    flow.crash.reach('post.recorded');
    if (message.kind === 'ticket') await offerChoices(flow, voice, roomId, ticket, sent.value);
    // Whose device appeared while the message was on its way does not have its key, and is told of by no later event.
    for (const user of recorded?.cannotRead ?? []) await postTicketAgain(flow, recorded ?? ticket, user);
  }

  /** Sends it, unless it turns out that an earlier try, whose outcome nobody heard and the homeserver may have forgotten, was enough. */
  async #send(message: Sendable, isRepeated: boolean): Promise<Result<EventId, PortFailure>> {
    const { voices, clock } = this.#flow;
    const { voice, roomId, ciphertext, queuedAt, txnId } = message;
    const surelyKnown = clock.now() - REMEMBERED_MS;
    // By a clock that was put back it may be older than it looks.
    if (isRepeated && (queuedAt < surelyKnown || queuedAt > clock.now())) {
      const before = await voices.sentBefore(voice, roomId, ciphertext, Math.min(queuedAt, surelyKnown));
      if (!before.ok) return before;
      if (before.value !== null) return ok(before.value);
    }
    return voices.send(voice, roomId, 'm.room.encrypted', txnId, ciphertext);
  }

  /** A ticket's messages keep their order, whatever held one of them up: the earlier ones are posted first, or this one waits. */
  async #earlierAreSent(ticket: TicketId, id: MessageId): Promise<boolean> {
    const { read } = this.#flow.store;
    let first = await read.firstUnsent(ticket);
    while (first !== null && first !== id) {
      await this.post(first);
      const next = await read.firstUnsent(ticket);
      if (next === first) return false;
      first = next;
    }
    return true;
  }

  async #encrypt(found: Postable): Promise<Message | null> {
    const flow = this.#flow;
    const { message, ticket } = found;
    const room = await this.#roomFor(message, ticket);
    if (!room.ok) return this.#failed(message, ticket, room.error);
    const voice = flow.voices.userOf(ticket.service);
    const content = await this.#compose(found);
    const made = await flow.voices.encrypt(voice, room.value, 'm.room.message', content);
    if (!made.ok) return this.#failed(message, ticket, made.error);
    flow.crash.reach('post.encrypted');
    const { content: ciphertext, sessionId, readers } = made.value;
    const stored: Message = {
      ...message,
      state: 'encrypted',
      voice,
      roomId: room.value,
      ciphertext,
      sessionId,
      readers,
    };
    // Another process was quicker: its ciphertext is the one that counts.
    return (await flow.store.keepCiphertext(stored)) ? stored : null;
  }

  #roomFor(message: Message, ticket: Ticket): Promise<Result<RoomId, PortFailure>> {
    if (message.kind !== 'report') return this.#rooms.account(ticket.account);
    const alias = ticket.plan.find(({ step }) => step === message.step)?.to;
    if (alias === undefined) throw new Error('report-without-room');
    return this.#rooms.report(ticket.account, alias);
  }

  async #compose({ message, ticket, text, words }: Postable): Promise<Phi<Record<string, unknown>>> {
    const said = await words();
    if (said !== null) {
      const { mention, wordsOf } = message;
      return new Phi(composeWords(said.reveal(), ticket, mention, wordsOf));
    }
    if (message.notice !== null) return new Phi(composeNotice(message.notice, ticket, message.inReplyTo));
    const { kind, step, repeat, mention } = message;
    return new Phi(
      composeMessage({
        text: (await text()).reveal(),
        ticket,
        kind,
        step,
        repeat,
        mention,
        now: this.#flow.clock.now(),
      }),
    );
  }

  async #record(message: Message): Promise<Ticket | null> {
    const flow = this.#flow;
    const { eventId, roomId } = message;
    if (!eventId || !roomId) throw new Error('sent-without-event');
    return changeTicket(
      flow,
      message.ticketId,
      { actor: message.voice ?? 'wardroom', ...postedWords(message) },
      async (ticket, tx) => {
        await tx.recordSent(message, eventId);
        // The ticket itself is the first of its messages.
        return postedEvents(
          message,
          ticket,
          message.kind === 'ticket' ? [message] : await tx.messagesOf(message.ticketId),
        );
      },
      async (_tx, ticket) => entry(message, ticket, 'message.sent', { readers: message.readers }),
    );
  }

  /** Resolves to null so that callers can return it as "nothing to go on with". */
  async #failed(message: Message, ticket: Ticket, failure: PortFailure): Promise<null> {
    if (failure.kind === 'permanent')
      this.#flow.alarms.raise(`post-${failure.code}`, { ticket: ticket.ticketId, account: ticket.account });
    // Whatever it was: doing it again is harmless (same transaction id), and nothing accepted is ever lost. What cannot be posted
    // now may be once an administrator has mended the cause.
    await this.#later(message, ticket, failure.code);
    return null;
  }

  async #later(message: Message, ticket: Ticket, code: string): Promise<void> {
    const age = this.#flow.clock.now() - message.queuedAt;
    const delayMs = Math.round(Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, age / 4)));
    const again: Job = { task: 'post', messageId: message.messageId, urgency: ticket.urgency, delayMs };
    await this.#flow.store.change(async () => ({
      value: null,
      audit: [{ ...entry(message, ticket, 'message.postponed', {}), outcome: 'failed', code }],
      jobs: [again],
    }));
  }

  async #giveUp(message: Message, ticket: Ticket, code: string): Promise<void> {
    await this.#flow.store.change(async (tx) => {
      await tx.dropMessage(message.messageId);
      return { value: null, audit: [{ ...entry(message, ticket, 'message.dropped', {}), code }] };
    });
  }
}

/** A reminder that was queued before, and would be sent after, somebody took responsibility. */
function isSuperseded(message: Message, ticket: Ticket): boolean {
  if (message.state !== 'queued') return false;
  return (
    message.kind !== 'ticket' &&
    message.kind !== 'notice' &&
    (ticket.state === 'acknowledged' || ticket.state === 'closed')
  );
}

function postedEvents(message: Message, ticket: Ticket, all: readonly Message[]): readonly TicketEvent[] {
  const { eventId, roomId, readers } = message;
  if (!eventId || !roomId) return [];
  if (message.kind === 'notice' || message.kind === 'report')
    return [
      { type: 'posted', kind: message.kind, step: message.step, eventId, roomId, unreadableBy: ticket.cannotRead },
    ];
  const canRead = textReaders(all.map((one) => (one.messageId === message.messageId ? message : one)));
  const unreadableBy = ticket.due.filter((user) => !canRead.has(user));
  const posted: TicketEvent = { type: 'posted', kind: message.kind, step: message.step, eventId, roomId, unreadableBy };
  // Somebody who became due, has a device now, but had none when the text was posted: post it again.
  const readable = unreadableBy.filter((user) => hasDevice(readers, user));
  return [posted, ...readable.map((by): TicketEvent => ({ type: 'readable', by }))];
}

function postedWords({ wordsOf, readers }: Message): Pick<Circumstances, 'posted'> {
  if (wordsOf === null) return {};
  const able = Object.entries(readers ?? {}).flatMap(([user, devices]) => (devices.length > 0 ? [user as UserId] : []));
  return { posted: { of: wordsOf, readers: new Set(able) } };
}

const hasDevice = (readers: Message['readers'], user: UserId) => (readers?.[user]?.length ?? 0) > 0;

function entry(
  message: Message,
  ticket: Ticket,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): AuditEntry {
  return {
    action,
    outcome: 'ok',
    actor: message.voice ?? 'wardroom',
    ticket: ticket.ticketId,
    account: ticket.account,
    ...(message.roomId ? { room: message.roomId } : {}),
    ...(message.eventId ? { event: message.eventId } : {}),
    detail: { kind: message.kind, step: message.step, ...detail },
  };
}
