import { createHash } from 'node:crypto';
import type { ArrivedEvent, ArrivedReceipt, InboxTransaction } from '../flows/inboxPort.ts';
import type { Instant } from '../kernel/clock.ts';
import { eventId, roomId, type UserId, userId } from '../kernel/ids.ts';

type Json = Readonly<Record<string, unknown>>;

/** Matrix limits ids and types to 255 bytes; anything longer is not an event we could name. */
const LONGEST_ID = 255;
const encryptedFields = ['algorithm', 'ciphertext', 'session_id', 'sender_key', 'device_id'] as const;

/**
 * Reads a transaction (Matrix specification, Application Service API, "Pushing events") into what the inbox keeps.
 * Never fails on what it does not understand: a transaction that could not be accepted would be sent again for ever and
 * block all later ones. The body of a plaintext message is dropped here: in Wardroom's rooms it counts for nothing,
 * and it may be health information.
 */
export function readTransaction(
  txnId: string,
  body: unknown,
  receivedAt: Instant,
  isOurs: (user: UserId) => boolean,
): InboxTransaction {
  const document = asObject(body);
  const events = asArray(document.events).flatMap((event) => readEvent(asObject(event), isOurs));
  // Both spellings, since Synapse fills one per registration flag; the same receipt under both is one receipt.
  const ephemeral = [...asArray(document.ephemeral), ...asArray(document['de.sorunome.msc2409.ephemeral'])];
  const receipts = readReceipts(ephemeral.map(asObject), isOurs);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([events.map((event) => event.eventId), receipts]))
    .digest('base64url');
  return { txnId: clean(txnId), fingerprint, receivedAt, events, receipts };
}

function readEvent(event: Json, isOurs: (user: UserId) => boolean): ArrivedEvent[] {
  const id = idOf(event.event_id);
  const room = idOf(event.room_id);
  const sender = idOf(event.sender);
  const type = idOf(event.type);
  if (id === null || room === null || sender === null || type === null) return [];
  const content = asObject(event.content);
  const relation = asObject(content['m.relates_to']);
  const stateKey = typeof event.state_key === 'string' ? clean(event.state_key) : null;
  const redacts = type === 'm.room.redaction' ? (idOf(content.redacts) ?? idOf(event.redacts)) : null;
  const relatesTo = redacts ?? idOf(relation.event_id);
  const relType = idOf(relation.rel_type);
  const ours = isOurs(userId(sender));
  const isMessage = stateKey === null && (type === 'm.room.encrypted' || type === 'm.room.message');
  return [
    {
      eventId: eventId(id),
      roomId: roomId(room),
      sender: userId(sender),
      type,
      stateKey,
      relatesTo: relatesTo === null ? null : eventId(relatesTo),
      relType,
      ours,
      isRoot: ours && isMessage && relType === null,
      sessionId: type === 'm.room.encrypted' ? idOf(content.session_id) : null,
      sentAt: Number.isSafeInteger(event.origin_server_ts) ? (event.origin_server_ts as number) : 0,
      // State in our name may be somebody else's: administrators of a homeserver can speak as anybody of it ("Login as a user", "Make Room Admin").
      content: ours && stateKey === null ? null : keptContent(type, stateKey, content, relation),
    },
  ];
}

/** What handling needs, by type; null for what is kept for order only. */
function keptContent(type: string, stateKey: string | null, content: Json, relation: Json): Json | null {
  if (type === 'm.room.member' && stateKey !== null) return { membership: idOf(content.membership) ?? '' };
  // What the state says is asked of the homeserver when it is looked at: it may have changed again.
  if (stateKey !== null) return {};
  const relates = keptRelation(relation);
  switch (type) {
    case 'm.room.encrypted':
      return { ...pick(content, encryptedFields), ...relates };
    case 'm.room.message':
      // The name of a file that is not encrypted, as everybody's homeserver has it.
      return { ...pick(content, ['url']), ...relates };
    case 'm.reaction':
      return relates;
    case 'm.room.redaction':
      return {};
    default:
      return null;
  }
}

function keptRelation(relation: Json): Json {
  const inReplyTo = idOf(asObject(relation['m.in_reply_to']).event_id);
  const kept: Record<string, unknown> = pick(relation, ['rel_type', 'event_id', 'key']);
  if (inReplyTo !== null) kept['m.in_reply_to'] = { event_id: inReplyTo };
  if (relation.is_falling_back === true) kept.is_falling_back = true;
  return Object.keys(kept).length === 0 ? {} : { 'm.relates_to': kept };
}

function readReceipts(ephemeral: readonly Json[], isOurs: (user: UserId) => boolean): ArrivedReceipt[] {
  const found = new Map<string, ArrivedReceipt>();
  for (const edu of ephemeral) {
    const room = idOf(edu.room_id);
    if (edu.type !== 'm.receipt' || room === null) continue;
    for (const [event, kinds] of Object.entries(asObject(edu.content))) {
      const target = idOf(event);
      if (target === null) continue;
      for (const [user, details] of Object.entries(asObject(asObject(kinds)['m.read']))) {
        const reader = idOf(user);
        const named = asObject(details).thread_id;
        const thread = named === undefined ? '' : idOf(named);
        if (reader === null || thread === null || isOurs(userId(reader))) continue;
        const receipt = { roomId: roomId(room), userId: userId(reader), thread, eventId: eventId(target) };
        // One statement may touch a row once: the last receipt of a place in the transaction is the furthest.
        found.set(JSON.stringify([room, reader, thread]), receipt);
      }
    }
  }
  return [...found.values()];
}

function pick(from: Json, keys: readonly string[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const key of keys) {
    const value = from[key];
    if (typeof value === 'string') kept[key] = clean(value);
  }
  return kept;
}

/** PostgreSQL stores neither NUL nor half a surrogate pair; neither occurs in an id or ciphertext that means something. */
const clean = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

const idOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_ID ? clean(value) : null;

const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
