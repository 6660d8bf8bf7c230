import type { AccountId, MessageId, RoomId, UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import { whoIsAlerted } from '../tickets/alerted.ts';
import { composeMessage, composeNotice, composeWords } from '../tickets/composeMessage.ts';
import { isOpen } from '../tickets/draft.ts';
import type { Ticket, TicketEvent } from '../tickets/ticket.ts';
import type { Circumstances } from './advanceTicket.ts';
import { changeTicket } from './changeTicket.ts';
import { offerChoices } from './offerChoices.ts';
import type { Message, Postable } from './ports.ts';
import { postTicketAgain } from './postAgain.ts';
import { ReportPoster, type ReportRooms } from './postReport.ts';
import { textReaders } from './readers.ts';
import { dropMessage, messageEntry, type Owed, postpone, sendable, sendOnce, tryAgainLater } from './sending.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

/** The rooms messages go into, made when they are first needed. */
export interface RoomsOf extends ReportRooms {
  /** `people`: who has to be in it. */
  account(account: AccountId, people: readonly UserId[]): Promise<Result<RoomId, PortFailure>>;
  personal(account: AccountId, person: UserId): Promise<Result<RoomId, PortFailure>>;
}

/**
 * Brings one message into its room: queued -> encrypted (ciphertext kept) -> sent (event id recorded).
 * Killed between any two lines it is repeated from what was committed last: the same ciphertext under the same transaction id,
 * so the homeserver accepts it once. Returns when done, or when it enqueued itself for later; throws only for bugs and a lost database.
 */
export class MessagePoster {
  readonly #flow: DeliveryFlow;
  readonly #rooms: RoomsOf;
  readonly #reports: ReportPoster;
  readonly #running = new Map<MessageId, Promise<void>>();

  constructor(flow: DeliveryFlow, rooms: RoomsOf) {
    this.#flow = flow;
    this.#rooms = rooms;
    this.#reports = new ReportPoster(flow, rooms, async (ticket) => {
      const first = await flow.store.read.firstUnsent(ticket, null);
      if (first !== null) await this.post(first);
    });
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
    if (found?.message.kind === 'report') return this.#reports.post(found.message);
    if (found && found.message.kind !== 'ticket') {
      if (!(await this.#earlierAreSent(found.message))) return postpone(flow, [found], 'earlier-not-sent');
      found = await flow.store.read.postable(id);
    }
    if (!found || found.message.state === 'sent' || found.message.state === 'failed') return;
    const { message, ticket } = found;
    // The thread of a repeat call is that of the ticket it joined.
    if (ticket.joins && ticket.rootEventId === null) return postpone(flow, [found], 'earlier-not-sent');
    if (isSuperseded(message, ticket)) return dropMessage(flow, found, 'superseded');
    if (found.isErased && message.state === 'queued' && message.notice === null)
      return dropMessage(flow, found, 'text-erased');

    const encrypted = message.state === 'encrypted' ? message : await this.#encrypt(found);
    if (!encrypted) return;
    flow.crash.reach('post.stored');
    const ready = sendable(encrypted);
    const sent = await sendOnce(flow, ready, message.state === 'encrypted');
    if (!sent.ok) return tryAgainLater(flow, [{ message: encrypted, ticket }], sent.error);
    flow.crash.reach('post.sent');
    const recorded = await this.#record({ ...encrypted, state: 'sent', eventId: sent.value });
    flow.crash.reach('post.recorded');
    if (message.kind === 'ticket') await offerChoices(flow, ready.voice, ready.roomId, ticket, sent.value);
    // Whose device appeared while the message was on its way does not have its key, and is told of by no later event.
    for (const user of recorded?.cannotRead ?? []) await postTicketAgain(flow, recorded ?? ticket, user);
  }

  /** A ticket's messages keep their order in each room, whatever held one of them up: the earlier ones are posted first, or this one waits. */
  async #earlierAreSent({ ticketId: ticket, messageId: id, audience }: Message): Promise<boolean> {
    const { read } = this.#flow.store;
    let first = await read.firstUnsent(ticket, audience);
    while (first !== null && first !== id) {
      await this.post(first);
      const next = await read.firstUnsent(ticket, audience);
      if (next === first) return false;
      first = next;
    }
    return true;
  }

  async #encrypt(found: Postable): Promise<Message | null> {
    const flow = this.#flow;
    const { message, ticket } = found;
    const { audience } = message;
    const room = await (audience === null
      ? this.#rooms.account(ticket.account, neededBy(message, ticket))
      : this.#rooms.personal(ticket.account, audience));
    if (!room.ok) return this.#failed(found, room.error);
    const voice = flow.voices.userOf(ticket.service);
    const content = await this.#compose({ ...found, ticket: await this.#threadIn(room.value, found) });
    const made = await flow.voices.encrypt(voice, room.value, 'm.room.message', content);
    if (!made.ok) return this.#failed(found, made.error);
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

  /** The ticket with the root of its thread in this room: people have their tickets each in a room of their own. */
  async #threadIn(room: RoomId, { message, ticket }: Postable): Promise<Ticket> {
    const { store, directory } = this.#flow;
    if (!directory.deliversPersonally(ticket.account) || message.kind === 'ticket') return ticket;
    const thread = (await store.read.messagesOf(ticket.ticketId)).find(
      (one) => one.roomId === room && one.state === 'sent' && one.kind !== 'report',
    );
    return { ...ticket, rootEventId: thread?.eventId ?? null };
  }

  async #compose({ message, ticket, text, words }: Postable): Promise<Phi<Record<string, unknown>>> {
    const said = await words();
    if (said !== null) {
      const { mention, wordsOf } = message;
      return new Phi(composeWords(said.reveal(), ticket, mention, wordsOf));
    }
    if (message.notice !== null)
      return new Phi(composeNotice(message.notice, ticket, message.inReplyTo, message.mention));
    const { kind, step, repeat, mention } = message;
    const { store, clock, directory } = this.#flow;
    return new Phi(
      composeMessage({
        text: (await text()).reveal(),
        ticket,
        kind,
        step,
        repeat,
        mention,
        now: clock.now(),
        ...(kind === 'ticket' || kind === 'notice'
          ? {}
          : {
              alerted: {
                ...whoIsAlerted(ticket, await store.read.timeline(ticket.ticketId), directory),
                tz: directory.placeOf(ticket.account).tz,
              },
            }),
      }),
    );
  }

  async #record(message: Message): Promise<Ticket | null> {
    const flow = this.#flow;
    const { eventId, roomId } = message;
    if (!eventId || !roomId) throw new Error('sent-without-event');
    // With whom the words of a repeat call are, as the locked ticket's messages show it.
    const circumstances: Circumstances & { posted?: Circumstances['posted'] } = { actor: message.voice ?? 'wardroom' };
    return changeTicket(
      flow,
      message.ticketId,
      circumstances,
      async (ticket, tx) => {
        await tx.recordSent(message, eventId);
        // The ticket itself is the first of its messages, but for those in the own rooms of others.
        const isFirst = message.kind === 'ticket' && message.audience === null;
        const all = isFirst ? [message] : await tx.messagesOf(message.ticketId);
        Object.assign(circumstances, postedWords(message, all));
        return postedEvents(message, ticket, all);
      },
      async (_tx, ticket) => messageEntry(message, ticket, 'message.sent', { readers: message.readers }),
    );
  }

  /** Resolves to null so that callers can return it as "nothing to go on with". */
  async #failed(owed: Owed, failure: PortFailure): Promise<null> {
    await tryAgainLater(this.#flow, [owed], failure);
    return null;
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
  if (message.kind === 'notice')
    return [
      { type: 'posted', kind: message.kind, step: message.step, eventId, roomId, unreadableBy: ticket.cannotRead },
    ];
  const canRead = textReaders(all.map((one) => (one.messageId === message.messageId ? message : one)));
  const unreadableBy = ticket.due.filter((user) => !canRead.has(user));
  // Somebody who became due, has a device now, but had none when the text was posted: post it again.
  const readable = unreadableBy.filter((user) => hasDevice(readers, user));
  // In a room of their own somebody has what is on its way a moment later.
  const coming = all.filter((one) => one.messageId !== message.messageId && one.kind !== 'notice' && isOwed(one));
  const awaited = unreadableBy.filter(
    (user) => readable.includes(user) || coming.some(({ audience }) => audience === user),
  );
  // In a room of their own somebody may have it before those who were called first.
  const kind = ticket.rootEventId === null && message.audience !== null ? 'ticket' : message.kind;
  const of = { kind, step: message.step, eventId, roomId };
  const posted: TicketEvent = { type: 'posted', ...of, unreadableBy, awaited };
  return [posted, ...readable.map((by): TicketEvent => ({ type: 'readable', by }))];
}

const isOwed = ({ state }: Message): boolean => state === 'queued' || state === 'encrypted';

/** The same message in the own room of somebody else. */
const isTwin = (one: Message, message: Message): boolean =>
  message.audience !== null &&
  one.messageId !== message.messageId &&
  one.kind === message.kind &&
  one.step === message.step &&
  one.repeat === message.repeat &&
  one.wordsOf === message.wordsOf;

function postedWords(message: Message, others: readonly Message[]): Pick<Circumstances, 'posted'> {
  const { wordsOf } = message;
  if (wordsOf === null) return {};
  const twins = others.filter((one) => isTwin(one, message));
  // It is there when everybody has it.
  if (twins.some(isOwed)) return {};
  const told = [message, ...twins];
  const able = told
    .flatMap(({ readers }) => Object.entries(readers ?? {}))
    .flatMap(([user, devices]) => (devices.length > 0 ? [user as UserId] : []));
  return { posted: { of: wordsOf, readers: new Set(able) } };
}

const hasDevice = (readers: Message['readers'], user: UserId) => (readers?.[user]?.length ?? 0) > 0;

/** Whom a message calls, and who was called last for a ticket that is open: they have to be in the room, whoever is on duty. */
const neededBy = ({ mention }: Message, ticket: Ticket): readonly UserId[] =>
  isOpen(ticket) ? [...new Set([...mention, ...ticket.alerted])] : mention;
