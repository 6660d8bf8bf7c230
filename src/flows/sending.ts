import type { EventId } from '../kernel/ids.ts';
import { ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { Ticket } from '../tickets/ticket.ts';
import type { AuditEntry, Job, Message, Voices } from './ports.ts';
import type { DeliveryFlow } from './ticketFlow.ts';

/** The first try again comes after this many milliseconds; later ones wait longer the older the message, up to the last. */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/** The homeserver forgets transaction ids after 24 hours; half of that leaves room for clocks and restarts. */
const REMEMBERED_MS = 12 * 3_600_000;

export type Sendable = Message & { [Key in 'voice' | 'roomId' | 'ciphertext']: NonNullable<Message[Key]> };

export function sendable(message: Message): Sendable {
  const { voice, roomId, ciphertext } = message;
  if (!voice || !roomId || !ciphertext) throw new Error('message-without-ciphertext');
  return { ...message, voice, roomId, ciphertext };
}

/** Sends it, unless it turns out that an earlier try, whose outcome nobody heard and the homeserver may have forgotten, was enough. */
export async function sendOnce(
  { voices, clock }: Pick<DeliveryFlow, 'clock'> & { readonly voices: Pick<Voices, 'send' | 'sentBefore'> },
  {
    voice,
    roomId,
    ciphertext,
    queuedAt,
    txnId,
  }: Pick<Sendable, 'voice' | 'roomId' | 'ciphertext' | 'queuedAt' | 'txnId'>,
  isRepeated: boolean,
): Promise<Result<EventId, PortFailure>> {
  const surelyKnown = clock.now() - REMEMBERED_MS;
  // By a clock that was put back it may be older than it looks.
  if (isRepeated && (queuedAt < surelyKnown || queuedAt > clock.now())) {
    const before = await voices.sentBefore(voice, roomId, ciphertext, Math.min(queuedAt, surelyKnown));
    if (!before.ok) return before;
    if (before.value !== null) return ok(before.value);
  }
  return voices.send(voice, roomId, 'm.room.encrypted', txnId, ciphertext);
}

/** A message that is owed, and its ticket. */
export interface Owed {
  readonly message: Message;
  readonly ticket: Ticket;
}

/**
 * Could not be posted now. Whatever it was: doing it again is harmless (same transaction id), and nothing accepted is ever lost. What
 * cannot be posted now may be once an administrator has mended the cause.
 */
export async function tryAgainLater(flow: DeliveryFlow, owed: readonly Owed[], failure: PortFailure): Promise<void> {
  const [first] = owed;
  if (failure.kind === 'permanent' && first)
    flow.alarms.raise(`post-${failure.code}`, { ticket: first.ticket.ticketId, account: first.ticket.account });
  await postpone(flow, owed, failure.code);
}

export async function postpone(flow: DeliveryFlow, owed: readonly Owed[], code: string): Promise<void> {
  const [first, ...others] = owed.map(
    ({ message, ticket }): AuditEntry => ({
      ...messageEntry(message, ticket, 'message.postponed', {}),
      outcome: 'failed',
      code,
    }),
  );
  if (!first) return;
  const jobs = owed.map(({ message, ticket }): Job => {
    const age = flow.clock.now() - message.queuedAt;
    const delayMs = Math.round(Math.min(LAST_RETRY_MS, Math.max(FIRST_RETRY_MS, age / 4)));
    return { task: 'post', messageId: message.messageId, urgency: ticket.urgency, delayMs };
  });
  await flow.store.change(async () => ({ value: null, audit: [first, ...others], jobs }));
}

/** It is not to be sent any more. */
export async function dropMessage(flow: DeliveryFlow, { message, ticket }: Owed, code: string): Promise<void> {
  await flow.store.change(async (tx) => {
    await tx.dropMessage(message.messageId);
    return { value: null, audit: [{ ...messageEntry(message, ticket, 'message.dropped', {}), code }] };
  });
}

export function messageEntry(
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
