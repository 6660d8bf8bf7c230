import type { Message, Report } from '../flows/ports.ts';
import type { Instant } from '../kernel/clock.ts';
import type { DeviceId, EventId, MessageId, RoomId, TicketId, UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { MessageKind, ReportStatus } from '../tickets/ticket.ts';
import type { Queryable } from './database.ts';
import type { Sealer } from './sealer.ts';

export interface MessageRow {
  message_id: MessageId;
  ticket_id: TicketId;
  kind: MessageKind;
  step: number | null;
  repeat: number;
  mention: UserId[];
  due: UserId[];
  notice: string | null;
  in_reply_to: EventId | null;
  words_of: TicketId | null;
  report_to: string | null;
  bundled_in: MessageId | null;
  words_key_id: string | null;
  words_nonce: Buffer | null;
  words_ciphertext: Buffer | null;
  state: Message['state'];
  txn_id: string;
  audience: UserId | null;
  voice: UserId | null;
  room_id: RoomId | null;
  ciphertext: Record<string, unknown> | null;
  session_id: string | null;
  readers: Record<string, DeviceId[]> | null;
  event_id: EventId | null;
  queued_at: Instant;
}

export const messageOf = (row: MessageRow): Message => ({
  messageId: row.message_id,
  ticketId: row.ticket_id,
  kind: row.kind,
  step: row.step,
  repeat: row.repeat,
  mention: row.mention,
  due: row.due,
  notice: row.notice,
  inReplyTo: row.in_reply_to,
  wordsOf: row.words_of,
  audience: row.audience,
  reportTo: row.report_to,
  bundledIn: row.bundled_in,
  state: row.state,
  txnId: row.txn_id,
  voice: row.voice,
  roomId: row.room_id,
  ciphertext: row.ciphertext,
  sessionId: row.session_id,
  readers: row.readers,
  eventId: row.event_id,
  queuedAt: row.queued_at,
});

export interface ReportRow {
  ticket_id: TicketId;
  sequence: number;
  event_id: string;
  status: ReportStatus;
  at: Instant;
  step: number | null;
  by: string | null;
  strength: string | null;
  text_key_id: string | null;
  text_nonce: Buffer | null;
  text_ciphertext: Buffer | null;
  attempts: number;
  first_tried_at: Instant | null;
}

export async function reportOf(row: ReportRow, db: Queryable, sealer: Sealer): Promise<Report> {
  const { text_key_id: keyId, text_nonce: nonce, text_ciphertext: ciphertext } = row;
  const text =
    keyId && nonce && ciphertext
      ? new Phi((await sealer.open(db, { keyId, nonce, ciphertext })).toString('utf8'))
      : null;
  return {
    ticketId: row.ticket_id,
    eventId: row.event_id,
    sequence: row.sequence,
    status: row.status,
    at: row.at,
    step: row.step,
    by: row.by,
    strength: row.strength,
    text,
    attempts: row.attempts,
    firstTriedAt: row.first_tried_at,
  };
}
