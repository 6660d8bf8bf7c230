import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { AccountId, MessageId, RoomId, TicketId, UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import { composeReports, type Reported, type ReportMessage } from '../tickets/composeReport.ts';
import type { Ticket } from '../tickets/ticket.ts';
import { changeTicket } from './changeTicket.ts';
import type { Message, Postable } from './ports.ts';
import { dropMessage, messageEntry, type Owed, postpone, sendable, sendOnce, tryAgainLater } from './sending.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

/** So many tickets are reported at once; more come in the next report. */
const AT_ONCE = 500;
/** How long a report waits, in real time, for tickets that are due at the same moment and not queued yet; and how often it looks. */
const GATHER_MS = 20_000;
const LOOK_MS = 50;

interface Member extends Reported {
  readonly message: Message;
}

export interface ReportRooms {
  /** The room with this alias, in which these accounts' reports are read. */
  report(accounts: readonly AccountId[], alias: string): Promise<Result<RoomId, PortFailure>>;
}

/**
 * Brings reports into the room that reads them: everything that is queued for it in one message, or in several where that is too long
 * for one event. Each ticket has a row of its own, the promise; one of them carries the ciphertext for all: queued -> encrypted together
 * (ciphertext kept) -> sent -> recorded ticket by ticket, the one with the ciphertext last. Killed between any two lines it is repeated
 * from there: the same ciphertext under the same transaction id, and who is recorded already stays as it is.
 */
export class ReportPoster {
  readonly #flow: DeliveryFlow;
  readonly #rooms: ReportRooms;
  readonly #postRoot: (ticket: TicketId) => Promise<void>;
  /** By alias, what came while its report was being posted. */
  readonly #running = new Map<string, Set<MessageId>>();

  /** `postRoot`: posts what is owed to the ticket's own thread. */
  constructor(flow: DeliveryFlow, rooms: ReportRooms, postRoot: (ticket: TicketId) => Promise<void>) {
    this.#flow = flow;
    this.#rooms = rooms;
    this.#postRoot = postRoot;
  }

  /** One report at a time per room. Returns at once when one is being posted already: that run takes this one, too. */
  async post({ messageId, reportTo }: Message): Promise<void> {
    if (reportTo === null) throw new Error('report-without-room');
    const running = this.#running.get(reportTo);
    if (running) {
      running.add(messageId);
      return;
    }
    const waiting = new Set([messageId]);
    this.#running.set(reportTo, waiting);
    try {
      for (const id of waiting) {
        waiting.delete(id);
        // What failed was postponed together.
        if (!(await this.#post(id, reportTo))) break;
      }
    } finally {
      this.#running.delete(reportTo);
    }
  }

  /** Resolves to false when the homeserver could not be reached, or does not let it happen. */
  async #post(id: MessageId, alias: string): Promise<boolean> {
    const message = await this.#flow.store.read.message(id);
    if (!message || message.state === 'sent' || message.state === 'failed') return true;
    if (message.state === 'encrypted') return this.#deliver(message.bundledIn ?? id, true);
    await this.#gather(alias);
    const members = await this.#members(alias);
    for (const bundle of composeReports(members, this.#flow.clock.now(), this.#flow.directory)) {
      const stored = await this.#encrypt(bundle, alias);
      if (!stored.ok) return this.#failed(members, stored.error);
      if (stored.value && !(await this.#deliver(stored.value, false))) return false;
    }
    return true;
  }

  /** Until every ticket that is due into this room by now is queued: each is moved in a transaction of its own. */
  async #gather(alias: string): Promise<void> {
    const { store, clock } = this.#flow;
    const until = performance.now() + GATHER_MS;
    while ((await store.read.isReportDue(alias, clock.now())) && performance.now() < until) await pause(LOOK_MS);
  }

  async #members(alias: string): Promise<readonly Member[]> {
    const flow = this.#flow;
    const members: Member[] = [];
    for (const id of await flow.store.read.queuedReports(alias, AT_ONCE)) {
      let found = await flow.store.read.postable(id);
      // The ticket itself first; one that cannot be posted holds up nobody else's report.
      if (found?.ticket.rootEventId === null) {
        await this.#postRoot(found.ticket.ticketId);
        found = await flow.store.read.postable(id);
      }
      if (found?.message.state !== 'queued') continue;
      if (found.ticket.rootEventId === null) await postpone(flow, [found], 'earlier-not-sent');
      else if (found.isErased) await dropMessage(flow, found, 'text-erased');
      else if (this.#isSuperseded(found)) await dropMessage(flow, found, 'superseded');
      else members.push(await this.#member(found));
    }
    return members;
  }

  /** Somebody dealt with it between the moment it was due and now, and the practice wants to hear only of what waits for it. */
  #isSuperseded({ ticket }: Owed): boolean {
    const isOver = ticket.state === 'acknowledged' || ticket.state === 'closed';
    return isOver && !this.#flow.directory.reportsEverything(ticket.account);
  }

  async #member({ message, ticket, text }: Postable): Promise<Member> {
    const { read } = this.#flow.store;
    const said = await read.wordsSaid(ticket.ticketId);
    const planned = ticket.plan.find(({ step, repeat }) => step === message.step && repeat === message.repeat);
    return {
      message,
      ticket,
      text: (await text()).reveal(),
      words: said.map(({ words }) => words.reveal()),
      timeline: await read.timeline(ticket.ticketId),
      step: message.step,
      dueAt: planned?.dueAt ?? message.queuedAt,
      tz: this.#flow.directory.placeOf(ticket.account).tz,
    };
  }

  /** Resolves to the message that carries the report; null when another process was quicker. */
  async #encrypt(bundle: ReportMessage<Member>, alias: string): Promise<Result<MessageId | null, PortFailure>> {
    const flow = this.#flow;
    const [first, ...others] = bundle.tickets.map(({ message }) => message);
    if (!first) throw new Error('report-without-ticket');
    const tickets = bundle.tickets.map(({ ticket }) => ticket);
    const room = await this.#rooms.report([...new Set(tickets.map(({ account }) => account))], alias);
    if (!room.ok) return room;
    const voice = this.#voiceOf(tickets);
    const made = await flow.voices.encrypt(voice, room.value, 'm.room.message', new Phi(bundle.content));
    if (!made.ok) return made;
    flow.crash.reach('post.encrypted');
    const { content: ciphertext, sessionId, readers } = made.value;
    const stored: Message = {
      ...first,
      state: 'encrypted',
      voice,
      roomId: room.value,
      ciphertext,
      sessionId,
      readers,
      // Of its own, also after a restore: under the id of one of them the homeserver may remember a report with others in it.
      txnId: others.length > 0 ? `wr.report.${randomBytes(12).toString('hex')}` : first.txnId,
    };
    const isKept = await flow.store.keepReport(
      stored,
      others.map(({ messageId }) => messageId),
    );
    return { ok: true, value: isKept ? first.messageId : null };
  }

  /** The service's, where all tickets are one service's. */
  #voiceOf(tickets: readonly Ticket[]): UserId {
    const [service, ...more] = new Set(tickets.map((ticket) => ticket.service));
    return service === undefined || more.length > 0 ? this.#flow.voices.bot : this.#flow.voices.userOf(service);
  }

  async #deliver(id: MessageId, isRepeated: boolean): Promise<boolean> {
    const flow = this.#flow;
    const message = await flow.store.read.message(id);
    if (message?.state !== 'encrypted') return true;
    const carrier = sendable(message);
    const carried = await flow.store.read.bundledWith(id);
    flow.crash.reach('post.stored');
    const sent = await sendOnce(flow, carrier, isRepeated);
    if (!sent.ok) return this.#failed(await this.#owed([carrier, ...carried]), sent.error);
    flow.crash.reach('post.sent');
    const posted = { ...carrier, eventId: sent.value };
    for (const one of [...carried.filter(({ state }) => state === 'encrypted'), carrier])
      await this.#record(one, posted);
    flow.crash.reach('post.recorded');
    return true;
  }

  async #owed(messages: readonly Message[]): Promise<readonly Owed[]> {
    const owed: Owed[] = [];
    for (const { messageId } of messages) {
      const found = await this.#flow.store.read.postable(messageId);
      if (found && found.message.state === 'encrypted') owed.push(found);
    }
    return owed;
  }

  async #failed(owed: readonly Owed[], failure: PortFailure): Promise<boolean> {
    await tryAgainLater(this.#flow, owed, failure);
    return false;
  }

  /** One ticket is reported, exactly once: its row says so in the same transaction. */
  async #record(one: Message, { messageId, voice, roomId, eventId, readers }: Message): Promise<void> {
    if (!eventId || !roomId || !voice) throw new Error('sent-without-event');
    await changeTicket(
      this.#flow,
      one.ticketId,
      { actor: voice },
      async (ticket, tx) => {
        if ((await tx.message(one.messageId))?.state === 'sent') return [];
        await tx.recordReported(one.messageId, one.messageId === messageId ? eventId : null);
        const { kind, step } = one;
        return [{ type: 'posted', kind, step, eventId, roomId, unreadableBy: ticket.cannotRead }];
      },
      async (_tx, ticket) => messageEntry({ ...one, voice, roomId, eventId }, ticket, 'message.sent', { readers }),
    );
  }
}
