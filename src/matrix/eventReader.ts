import type { InboxEvent } from '../flows/inboxPort.ts';
import type { RoomEvent } from '../flows/ports.ts';
import { type EventId, eventId, type UserId, userId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { Decrypted } from './crypto/index.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * What a person's event means to the flows; null when it means nothing to them (typing of a bot, calls, state, ...).
 * `opened`: the decrypted event when it was encrypted.
 */
export function readRoomEvent(event: InboxEvent, opened: Decrypted | null): RoomEvent | null {
  if (event.stateKey !== null) return null;
  const type = opened?.clear.type ?? event.type;
  const envelope = event.content ?? {};
  const content = opened === null ? envelope : { ...pickRelation(envelope), ...opened.clear.content.reveal() };
  const common = { room: event.roomId, event: event.eventId, sender: event.sender };
  switch (type) {
    case 'm.room.message':
      return readMessage(event, content, opened);
    case 'm.reaction': {
      const relation = relationOf(content);
      if (relation.relType !== 'm.annotation' || relation.event === null || relation.key === null) return null;
      return { type: 'reaction', ...common, at: event.receivedAt, target: relation.event, key: relation.key };
    }
    case 'm.room.redaction':
      return event.relatesTo === null ? null : { type: 'redaction', ...common, redacts: event.relatesTo };
    default:
      return null;
  }
}

const FILES: ReadonlySet<string> = new Set(['m.image', 'm.file', 'm.audio', 'm.video', 'm.location']);

function readMessage(event: InboxEvent, content: Json, opened: Decrypted | null): RoomEvent | null {
  // Notices are what programs say to each other (Matrix specification, `m.notice`): never a person's answer.
  if (content.msgtype === 'm.notice') return null;
  const relation = relationOf(content);
  const replied = relation.inReplyTo !== null;
  const body = typeof content.body === 'string' ? content.body : '';
  return {
    type: 'message',
    room: event.roomId,
    event: event.eventId,
    sender: event.sender,
    at: event.receivedAt,
    sentAt: event.sentAt,
    body: new Phi(replied ? withoutQuote(body) : body),
    inReplyTo: relation.isFallingBack ? null : relation.inReplyTo,
    thread: relation.relType === 'm.thread' ? relation.event : null,
    isEdit: relation.relType === 'm.replace',
    ...(relation.relType === 'm.replace' ? { replaces: relation.event } : {}),
    encrypted: opened !== null,
    crossSigned: opened?.crossSigned ?? false,
    signedBy: opened?.signedBy ?? null,
    ...(FILES.has(String(content.msgtype)) ? { isFile: true } : {}),
    mentions: mentionsOf(content),
    ...formattedOf(content),
  };
}

/** Matrix specification, `m.text`: HTML is only what `format` says is. */
function formattedOf({ format, formatted_body: html }: Json): { readonly formatted?: Phi<string> } {
  return format === 'org.matrix.custom.html' && typeof html === 'string' ? { formatted: new Phi(html) } : {};
}

/** Matrix specification, "User and room mentions". */
function mentionsOf(content: Json): readonly UserId[] {
  const users = asObject(content['m.mentions']).user_ids;
  return Array.isArray(users) ? users.filter((user) => typeof user === 'string').map(userId) : [];
}

interface Relation {
  readonly relType: string | null;
  readonly event: EventId | null;
  readonly key: string | null;
  readonly inReplyTo: EventId | null;
  readonly isFallingBack: boolean;
}

function relationOf(content: Json): Relation {
  const relation = asObject(content['m.relates_to']);
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
  const id = (value: unknown): EventId | null => {
    const found = text(value);
    return found === null ? null : eventId(found);
  };
  return {
    relType: text(relation.rel_type),
    event: id(relation.event_id),
    key: text(relation.key),
    inReplyTo: id(asObject(relation['m.in_reply_to']).event_id),
    isFallingBack: relation.is_falling_back === true,
  };
}

/** Clients leave the relation outside the ciphertext (Matrix specification, "Relationships between encrypted events"). */
const pickRelation = (envelope: Json): Json =>
  envelope['m.relates_to'] === undefined ? {} : { 'm.relates_to': envelope['m.relates_to'] };

/** Older clients repeat the message they reply to as lines that begin with "> ", then an empty line, then their own. */
function withoutQuote(body: string): string {
  const lines = body.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('>'));
  if (end <= 0 || lines[end] !== '') return body;
  return lines.slice(end + 1).join('\n');
}

const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
