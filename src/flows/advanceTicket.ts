import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '../kernel/clock.ts';
import { type EventId, type MessageId, messageId, type TicketId, type UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { advance } from '../tickets/advance.ts';
import { isOpen } from '../tickets/draft.ts';
import { follow } from '../tickets/repeatCall.ts';
import type { Effect, Ticket, TicketEvent } from '../tickets/ticket.ts';
import type { AuditEntry, Job, Message, TimelineRow, Tx } from './ports.ts';
import type { TicketFlow } from './ticketFlow.ts';
import type { WctpOrigin } from './wctpPort.ts';
import { oweByWctp } from './wctpStatuses.ts';

/** What a change of a ticket leaves to be committed with it, and to be told afterwards. */
export interface Consequences {
  readonly ticket: Ticket;
  readonly audit: readonly AuditEntry[];
  readonly jobs: readonly Job[];
  /** Raised only after the commit. */
  readonly alarms: readonly string[];
}

/** Words of a person, sealed where they lie. */
export interface Words {
  readonly pieces: Phi<readonly string[]>;
  /** The ticket of a repeat call whose text they are. */
  readonly of?: TicketId;
}

interface SaidWords {
  readonly words: Phi<string>;
  readonly of: TicketId | null;
  readonly mention: readonly UserId[];
  /** 2: said again, for a device that could not read it the first time. */
  readonly repeat: 1 | 2;
}

export interface Circumstances {
  readonly actor: string;
  /** What a clinician wrote, for the callbacks `replied` and `closed` where the service wants text. */
  readonly replyText?: Phi<string>;
  /** The event in which they wrote it: what was told of it is taken back with it. */
  readonly saidIn?: EventId;
  /** What was said with the event, for the thread: in pieces that each fit a message. */
  readonly words?: Words;
  /** A message with the text of a repeat call is in its room, and who has a device with its key. */
  readonly posted?: { readonly of: TicketId; readonly readers: ReadonlySet<UserId> };
  /** The ticket has just been inserted: there is nothing of it yet. */
  readonly isNew?: boolean;
  /** How a new ticket came, when it came by WCTP. */
  readonly wctp?: WctpOrigin;
}

/**
 * Applies events to a ticket, in order, inside the caller's transaction: saves it and carries out every effect.
 * The caller holds the row lock (`ticketForUpdate`).
 */
export async function advanceTicket(
  flow: TicketFlow,
  tx: Tx,
  before: Ticket,
  events: readonly TicketEvent[],
  circumstances: Circumstances,
): Promise<Consequences> {
  const now = flow.clock.now();
  const effects: Effect[] = [];
  let ticket = before;
  for (const event of events) {
    const advanced = advance(ticket, event, now, flow.directory);
    ticket = advanced.ticket;
    effects.push(...advanced.effects);
  }
  await tx.saveTicket(ticket);
  // A repeat call has no number of its own.
  if (ticket.joins === undefined) {
    if (isOpen(before) && !isOpen(ticket)) await tx.releaseToken(ticket.account, ticket.token);
    if (!isOpen(before) && isOpen(ticket)) await tx.keepToken(ticket.account, ticket.token);
  }
  const own = await carryOut(flow, tx, ticket, effects, circumstances);
  return ticket.joined?.length ? withFollowers(flow, tx, before, own, circumstances) : own;
}

/** Repeat calls that joined a ticket go its way, in the same transaction. */
async function withFollowers(
  flow: TicketFlow,
  tx: Tx,
  before: Ticket,
  own: Consequences,
  circumstances: Circumstances,
): Promise<Consequences> {
  const { ticket: after } = own;
  const audit = [...own.audit];
  const jobs = [...own.jobs];
  for (const id of after.joined ?? []) {
    const joined = await tx.ticketForUpdate(id);
    if (!joined) continue;
    const { posted } = circumstances;
    const followed = {
      before,
      after,
      ...(posted?.of === id
        ? { posted: { isReadable: after.due.length > 0 && after.due.every((user) => posted.readers.has(user)) } }
        : {}),
    };
    const { ticket, effects } = follow(joined, followed, flow.clock.now(), flow.directory);
    if (isDeepStrictEqual(ticket, joined) && effects.length === 0) continue;
    await tx.saveTicket(ticket);
    const consequences = await carryOut(flow, tx, ticket, effects, circumstances);
    audit.push(...consequences.audit);
    jobs.push(...consequences.jobs);
  }
  return { ...own, audit, jobs };
}

/** Writes what the effects ask for: timeline, messages and reports with their jobs, audit entries. Alarms are left to the caller. */
export async function carryOut(
  flow: TicketFlow,
  tx: Tx,
  ticket: Ticket,
  effects: readonly Effect[],
  circumstances: Circumstances,
): Promise<Consequences> {
  const now = flow.clock.now();
  const audit: AuditEntry[] = [];
  const jobs: Job[] = [];
  const alarms: string[] = [];
  const timeline: TimelineRow[] = [];
  let queued = circumstances.isNew ? 0 : null;
  const next = async () => {
    queued ??= await tx.countMessages(ticket.ticketId);
    queued += 1;
    return messageId(`${ticket.ticketId}.${queued - 1}`);
  };
  /** In whose own rooms something goes that is for these people; else in the account's, once. */
  const audiences = (...lists: readonly (readonly UserId[])[]): readonly (UserId | null)[] => {
    if (!flow.directory.deliversPersonally(ticket.account)) return [null];
    const people = lists.find((one) => one.length > 0);
    return people ? [...new Set(people)] : [null];
  };
  const say = async ({ words, of, mention, repeat }: SaidWords) => {
    const { ticketId, due, urgency } = ticket;
    for (const audience of audiences([...mention, ...due])) {
      const id = await next();
      const notice = { id, ticketId, kind: 'notice', step: null, repeat, mention, due, wordsOf: of, now } as const;
      await tx.insertMessage(newMessage({ ...notice, audience }), words);
      jobs.push({ task: 'post', messageId: id, urgency });
    }
  };
  for (const effect of effects) {
    switch (effect.type) {
      case 'timeline':
        timeline.push(timelineRow(effect, now));
        audit.push(entryOf(ticket, effect, circumstances.actor));
        break;
      case 'post': {
        const { ticketId, due, alerted, urgency } = ticket;
        const { kind, step, repeat, mention, report } = effect;
        const of = { ticketId, kind, step, repeat, mention, due, reportTo: report?.to ?? null, now };
        const whose = kind === 'report' ? [null] : audiences(mention, kind === 'notice' ? due : alerted, due);
        for (const audience of whose) {
          const id = await next();
          await tx.insertMessage(newMessage({ ...of, id, audience }));
          jobs.push({ task: 'post', messageId: id, urgency });
        }
        // Who could not read the ticket could not read what was added to it, either.
        if (effect.kind === 'posted_again')
          for (const { words, of } of await tx.wordsSaid(ticket.ticketId))
            await say({ words, of, mention: [], repeat: 2 });
        break;
      }
      case 'text':
        await flow.texts?.step(tx, ticket, effect);
        break;
      case 'tell': {
        const { who: mention, notice } = effect;
        for (const audience of audiences(mention)) {
          const id = await next();
          const told = {
            id,
            ticketId: ticket.ticketId,
            kind: 'notice',
            step: null,
            repeat: 1,
            mention,
            notice,
            now,
          } as const;
          await tx.insertMessage(newMessage({ ...told, due: ticket.due, audience }));
          jobs.push({ task: 'post', messageId: id, urgency: ticket.urgency });
        }
        break;
      }
      case 'words':
        for (const [index, words] of (circumstances.words?.pieces.reveal() ?? []).entries())
          await say({
            words: new Phi(words),
            of: circumstances.words?.of ?? null,
            // One call is enough.
            mention: index === 0 ? effect.mention : [],
            repeat: 1,
          });
        break;
      case 'report':
        await oweByWctp(flow, tx, ticket, effect, circumstances, now);
        if (!flow.services.hasCallback(ticket.service)) break;
        await tx.insertReport({
          ticketId: ticket.ticketId,
          status: effect.status,
          at: now,
          step: effect.step ?? null,
          by: effect.by ?? null,
          strength: effect.strength ?? null,
          text: reportText(flow, ticket, effect, circumstances),
          saidIn: circumstances.saidIn ?? null,
        });
        if (!jobs.some((job) => job.task === 'report')) {
          jobs.push({ task: 'report', ticketId: ticket.ticketId, urgency: ticket.urgency });
        }
        break;
      case 'alarm':
        alarms.push(effect.code);
    }
  }
  if (timeline.length > 0) await tx.insertTimeline(ticket.ticketId, timeline);
  return { ticket, audit, jobs, alarms };
}

function timelineRow(effect: Extract<Effect, { type: 'timeline' }>, now: Instant): TimelineRow {
  return {
    at: now,
    event: effect.event,
    step: effect.step ?? null,
    who: effect.who ?? null,
    late: effect.late ?? false,
    code: effect.code ?? null,
  };
}

function entryOf(ticket: Ticket, effect: Extract<Effect, { type: 'timeline' }>, actor: string): AuditEntry {
  const detail: { urgency: string; state: string; step?: number; late?: boolean; who?: UserId } = {
    urgency: ticket.urgency,
    state: ticket.state,
  };
  if (effect.step !== undefined) detail.step = effect.step;
  if (effect.late) detail.late = true;
  if (effect.who) detail.who = effect.who;
  return {
    action: `ticket.${effect.event}`,
    outcome: effect.event === 'undelivered' || effect.event === 'undecryptable' ? 'failed' : 'ok',
    actor: effect.who ?? actor,
    ticket: ticket.ticketId,
    account: ticket.account,
    ...(effect.code ? { code: effect.code } : {}),
    ...(ticket.roomId ? { room: ticket.roomId } : {}),
    detail,
  };
}

function reportText(
  flow: TicketFlow,
  ticket: Ticket,
  effect: Extract<Effect, { type: 'report' }>,
  circumstances: Circumstances,
): Phi<string> | null {
  if (effect.status === 'replied' || effect.status === 'closed')
    return flow.services.repliesWithText(ticket.service) ? (circumstances.replyText ?? null) : null;
  return effect.text === undefined ? null : new Phi(effect.text);
}

export function newMessage(from: {
  id: MessageId;
  ticketId: TicketId;
  kind: Message['kind'];
  step: number | null;
  repeat: number;
  mention: readonly UserId[];
  due: readonly UserId[];
  notice?: string;
  inReplyTo?: Message['inReplyTo'];
  wordsOf?: TicketId | null;
  audience?: UserId | null;
  reportTo?: string | null;
  now: Instant;
}): Message {
  return {
    messageId: from.id,
    ticketId: from.ticketId,
    kind: from.kind,
    step: from.step,
    repeat: from.repeat,
    mention: from.mention,
    due: from.due,
    notice: from.notice ?? null,
    inReplyTo: from.inReplyTo ?? null,
    wordsOf: from.wordsOf ?? null,
    audience: from.audience ?? null,
    reportTo: from.reportTo ?? null,
    bundledIn: null,
    state: 'queued',
    // Unique across the whole application service: Synapse's idempotency cache is (matrix.md 4.5). And never used a second time:
    // after a restore the same message id may come again, with another message, while the homeserver still remembers the first.
    txnId: `wr.${from.id}.${randomBytes(6).toString('hex')}`,
    voice: null,
    roomId: null,
    ciphertext: null,
    sessionId: null,
    readers: null,
    eventId: null,
    queuedAt: from.now,
  };
}
