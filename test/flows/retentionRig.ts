/** Rooms whose messages get old: a homeserver in memory that purges as Synapse does, on a real PostgreSQL. */
import type { Eraser, StoredEvent } from '../../src/flows/eraserPort.ts';
import type { RetentionFlow } from '../../src/flows/retention/retentionFlow.ts';
import { type EventId, eventId, type RoomId, userId } from '../../src/kernel/ids.ts';
import { err, ok, type PortFailure } from '../../src/kernel/result.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import type { AuditBench } from '../postgres/auditSupport.ts';
import { policyOf } from './controlRig.ts';

export const NOW = Date.parse('2026-11-28T12:00:00Z');
export const DAY = 86_400_000;
export const OWN = 'one.example';
export const [ash, birch] = [userId('@ash:one.example'), userId('@birch:one.example')];
const DOWN: PortFailure = { kind: 'retry', code: 'homeserver-unreachable' };

/** What a room has, in a homeserver in memory that purges as Synapse does: everything but state before an event, in its own order. */
export class Homeserver implements Eraser {
  readonly order: StoredEvent[];
  readonly #redacted = new Set<EventId>();
  readonly #failures: boolean[];
  #redactions = 0;
  /** What happens elsewhere while Wardroom asks what the room holds, after it has marked what is to go. */
  whileReading: () => Promise<unknown> = async () => undefined;

  constructor(order: readonly StoredEvent[], failures: readonly boolean[] = []) {
    this.order = [...order];
    this.#failures = [...failures];
  }

  standing(event: EventId): 'there' | 'redacted' | 'gone' {
    if (this.#redacted.has(event)) return 'redacted';
    return this.order.some((one) => one.event === event) ? 'there' : 'gone';
  }

  mend(): void {
    this.#failures.length = 0;
  }

  async history(_room: RoomId, from: Parameters<Eraser['history']>[1]): ReturnType<Eraser['history']> {
    await this.whileReading();
    if (this.#fails()) return err(DOWN);
    const end =
      from === 'end'
        ? this.order.length
        : 'page' in from
          ? Number(from.page)
          : this.order.findIndex(({ event }) => event === from.before);
    if (end < 0) return err({ kind: 'permanent', code: 'not-found' });
    const start = Math.max(0, end - 4);
    return ok({ events: this.order.slice(start, end).reverse(), next: start > 0 ? String(start) : null });
  }

  async purge(_room: RoomId, upTo: EventId): ReturnType<Eraser['purge']> {
    if (this.#fails()) return err(DOWN);
    const end = this.order.findIndex(({ event }) => event === upTo);
    if (end < 0) return err({ kind: 'permanent', code: 'not-found' });
    const kept = this.order.filter(({ stateKey }, index) => index >= end || stateKey !== null);
    this.order.splice(0, this.order.length, ...kept);
    // It was done, and the answer was lost.
    return this.#fails() ? err(DOWN) : ok(undefined);
  }

  async look(_room: RoomId, event: EventId): ReturnType<Eraser['look']> {
    return this.#fails() ? err(DOWN) : ok(this.standing(event));
  }

  async redact(_room: RoomId, event: EventId): ReturnType<Eraser['redact']> {
    if (this.#fails()) return err(DOWN);
    this.#redacted.add(event);
    this.#redactions += 1;
    const redaction = { ...stored(eventId(`${event}-redaction${this.#redactions}`), NOW), type: 'm.room.redaction' };
    this.order.push({ ...redaction, relatesTo: event });
    return this.#fails() ? err(DOWN) : ok(undefined);
  }

  async deleteMedia(): ReturnType<Eraser['deleteMedia']> {
    return ok('deleted');
  }

  #fails(): boolean {
    return this.#failures.shift() ?? false;
  }
}

export const stored = (event: EventId, sentAt: number): StoredEvent => ({
  event,
  sender: ash,
  type: 'm.room.encrypted',
  stateKey: null,
  sentAt,
  relatesTo: null,
  relType: null,
  sessionId: 's',
});

/** A clinical room that is kept. */
export const keptRoom = (bench: AuditBench, room: RoomId) =>
  bench.admin.query(
    `INSERT INTO wardroom.kept_rooms (key, room_id, subject, state, since) VALUES ($1, $1, '{"kind": "room", "class": "clinical", "name": "R"}', 'kept', now())`,
    [room],
  );

/** Wardroom heard of an event of a room, at this instant. */
export const place = (bench: AuditBench, room: RoomId, entry: StoredEvent, at: number) =>
  bench.admin.query(
    `INSERT INTO wardroom.inbox_events (event_id, room_id, sender, type, state_key, relates_to, rel_type, ours, is_root, session_id, sent_at, received_at, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, false, false, $8, $9, to_timestamp($9::bigint / 1000.0), 'handled')`,
    [entry.event, room, entry.sender, entry.type, entry.stateKey, entry.relatesTo, entry.relType, entry.sessionId, at],
  );

/** An event stands in the thread of this ticket. */
export async function threaded(
  bench: AuditBench,
  event: EventId,
  { id, urgency, isHandled }: { readonly id: string; readonly urgency: string; readonly isHandled: boolean },
): Promise<void> {
  await bench.admin.query(
    `INSERT INTO wardroom.tickets (ticket_id, service, account, external_id, fingerprint, urgency, state, token, accepted_at, life)
     VALUES ($1, 's', 'A', $1, 'f', $2, $3, '1', now(), '{"due": []}')`,
    [id, urgency, isHandled ? 'acknowledged' : 'seen'],
  );
  await bench.admin.query(`INSERT INTO wardroom.ticket_events (event_id, ticket_id, kind) VALUES ($1, $2, 'message')`, [
    event,
    id,
  ]);
}

const policy = policyOf();

export const flowOf = (store: PostgresStore, eraser: Eraser): RetentionFlow => ({
  store,
  clock: { now: () => NOW },
  eraser,
  ownServer: OWN,
  policy: () => policy,
  agreements: async () => [],
  forgetSessions: async () => 0,
  alarms: { raise: () => undefined },
  crash: { reach: () => undefined },
});
