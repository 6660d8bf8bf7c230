/** Whatever a room holds, and wherever a run is interrupted: what `explain` says is what a run does, and nothing that must stay goes. */
import fc from 'fast-check';
import type { Eraser, StoredEvent } from '../../src/flows/eraserPort.ts';
import { RoomEraser } from '../../src/flows/retention/eraseRoom.ts';
import { planRoom } from '../../src/flows/retention/planRoom.ts';
import type { RetentionFlow } from '../../src/flows/retention/retentionFlow.ts';
import { type EventId, eventId, type RoomId, roomId, type TicketId, ticketId, userId } from '../../src/kernel/ids.ts';
import { err, ok, type PortFailure } from '../../src/kernel/result.ts';
import { type HoldScope, readPolicy } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { storeOn } from './controlRig.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const DAY = 86_400_000;
const OWN = 'one.example';
const [ash, birch] = [userId('@ash:one.example'), userId('@birch:one.example')];
const DOWN: PortFailure = { kind: 'retry', code: 'homeserver-unreachable' };

let bench: AuditBench;
let store: PostgresStore;
let rooms = 0;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
afterAll(() => bench?.close());

interface Made {
  readonly days: number;
  readonly by: 'ash' | 'birch';
  readonly ticket: null | { readonly urgency: 'stat' | 'routine'; readonly isHandled: boolean };
  readonly kind: 'message' | 'edit' | 'state' | 'redaction';
  /** Wardroom did not hear of it: it is in the homeserver's history only. */
  readonly isUnheard: boolean;
  /** Where it stands in the homeserver's order, against the order of arrival. */
  readonly place: number;
}

const made: fc.Arbitrary<Made> = fc.record({
  days: fc.integer({ min: 0, max: 70 }),
  by: fc.constantFrom('ash', 'birch'),
  ticket: fc.option(fc.record({ urgency: fc.constantFrom('stat', 'routine'), isHandled: fc.boolean() }), { freq: 3 }),
  kind: fc.constantFrom('message', 'message', 'message', 'edit', 'state', 'redaction'),
  isUnheard: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  place: fc.integer({ min: -3, max: 3 }),
});

/** What a room has, in a homeserver in memory that purges as Synapse does: everything but state before an event, in its own order. */
class Homeserver implements Eraser {
  readonly order: StoredEvent[];
  readonly #redacted = new Set<EventId>();
  readonly #failures: boolean[];
  #redactions = 0;

  constructor(order: readonly StoredEvent[], failures: readonly boolean[]) {
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

const stored = (event: EventId, sentAt: number): StoredEvent => ({
  event,
  sender: ash,
  type: 'm.room.encrypted',
  stateKey: null,
  sentAt,
  relatesTo: null,
  relType: null,
  sessionId: 's',
});

/** A room with these messages, in the database and at the homeserver. */
async function roomWith(all: readonly Made[], isShared: boolean, failures: readonly boolean[]) {
  rooms += 1;
  const room = roomId(`!retained${rooms}:one.example`);
  const events = all.map((one, index) => {
    const event = eventId(`$${rooms}-${index}`);
    const isTarget = ({ kind, isUnheard }: Made) => kind === 'message' && !isUnheard;
    const target = one.kind === 'edit' ? all.findIndex(isTarget) : -1;
    const relatesTo = target >= 0 && target !== index ? eventId(`$${rooms}-${target}`) : null;
    const type =
      one.kind === 'redaction' ? 'm.room.redaction' : one.kind === 'state' ? 'm.room.topic' : 'm.room.encrypted';
    const relType = relatesTo === null ? null : 'm.replace';
    const at = NOW - one.days * DAY;
    const stateKey = one.kind === 'state' ? '' : null;
    // An edit stands in the thread of what it edits, by that alone.
    const ticket = one.kind === 'edit' ? null : one.ticket;
    return { ...one, ticket, event, at, entry: { ...stored(event, at), type, stateKey, relatesTo, relType } };
  });
  await bench.admin.query(
    `INSERT INTO wardroom.kept_rooms (key, room_id, subject, state, since) VALUES ($1, $1, '{"kind": "room", "class": "clinical", "name": "R"}', 'kept', now())`,
    [room],
  );
  const members = [`@ash:${OWN}`, ...(isShared ? ['@osei:partner.example'] : [])];
  for (const member of members)
    await insert(room, { ...stored(eventId(`$${rooms}${member}`), NOW), type: 'm.room.member', stateKey: member }, NOW);
  for (const { entry, at, ticket, isUnheard, by, event } of events) {
    if (isUnheard) continue;
    await insert(room, { ...entry, sender: by === 'ash' ? ash : birch }, at);
    if (ticket === null || entry.stateKey !== null) continue;
    const id = `tk-${event}`;
    await bench.admin.query(
      `INSERT INTO wardroom.tickets (ticket_id, service, account, external_id, fingerprint, urgency, state, token, accepted_at, life)
       VALUES ($1, 's', 'A', $1, 'f', $2, $3, '1', now(), '{"due": []}')`,
      [id, ticket.urgency, ticket.isHandled ? 'acknowledged' : 'seen'],
    );
    await bench.admin.query(
      `INSERT INTO wardroom.ticket_events (event_id, ticket_id, kind) VALUES ($1, $2, 'message')`,
      [event, id],
    );
  }
  const order = events
    .map(({ entry, place }, index) => ({ entry, rank: index + place + 0.1 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
  const homeserver = new Homeserver(order, failures);
  return { room, events, homeserver };
}

async function insert(room: RoomId, entry: StoredEvent, at: number): Promise<void> {
  await bench.admin.query(
    `INSERT INTO wardroom.inbox_events (event_id, room_id, sender, type, state_key, relates_to, rel_type, ours, is_root, session_id, sent_at, received_at, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, false, false, $8, $9, to_timestamp($9::bigint / 1000.0), 'handled')`,
    [entry.event, room, entry.sender, entry.type, entry.stateKey, entry.relatesTo, entry.relType, entry.sessionId, at],
  );
}

const read = readPolicy({});
if (!read.ok) throw new Error('the built-in policy cannot be read');
const policy = read.value.policy;

const flowOf = (eraser: Eraser): RetentionFlow => ({
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

async function hold(covers: HoldScope, id: string): Promise<void> {
  await store.change(async (tx) => {
    await tx.holds.append({ type: 'placed', id, covers, by: ash, at: NOW, until: null }, null);
    return { value: null, audit: [{ action: 'hold.placed', outcome: 'ok', actor: ash }] };
  });
}

const holdOn = fc.constantFrom<'none' | 'ash' | 'ticket'>('none', 'none', 'ash', 'ticket');

describe('a room', () => {
  it('of any messages, at a homeserver that fails at any moment: what is said of each is what becomes of it, and a second run does nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(made, { minLength: 1, maxLength: 24 }),
        fc.boolean(),
        fc.array(fc.boolean(), { maxLength: 12 }),
        holdOn,
        async (all, isShared, failures, held) => {
          await bench.admin.query('TRUNCATE wardroom.hold_events');
          const { room, events, homeserver } = await roomWith(all, isShared, failures);
          const withTicket = events.find(({ ticket, isUnheard, kind }) => ticket && !isUnheard && kind !== 'state');
          if (held === 'ash') await hold({ room, person: ash }, 'HOLD-1');
          if (held === 'ticket' && withTicket)
            await hold({ ticket: ticketId(`tk-${withTicket.event}`) as TicketId }, 'HOLD-2');
          const flow = flowOf(homeserver);
          const place = {
            room,
            class: 'clinical',
            patient: null,
            partners: isShared ? [OWN, 'partner.example'] : [OWN],
          };
          // Interrupted as often as it fails, then once to the end.
          for (let tries = 0; tries < 30; tries += 1) {
            const { failure } = await new RoomEraser(flow, place).erase();
            if (failure === null) break;
          }
          homeserver.mend();
          const last = await new RoomEraser(flow, place).erase();
          expect(last.failure).toBeNull();
          const planned = await planRoom(flow, place);
          expect(planned.goes).toEqual({});
          for (const one of events) {
            if (one.kind === 'state' || one.kind === 'redaction') continue;
            // What an unheard edit edits is known by then as well.
            const original =
              one.entry.relatesTo === null ? undefined : events.find(({ event }) => event === one.entry.relatesTo);
            const days = Math.max(one.days, original?.days ?? 0);
            const of = one.isUnheard ? null : one.ticket;
            const isHeld =
              (held === 'ash' && (one.isUnheard ? true : one.by === 'ash')) ||
              (held === 'ticket' &&
                withTicket !== undefined &&
                [one.event, original?.event].includes(withTicket.event));
            const stays = days <= 30 || isHeld || (of?.urgency === 'stat' && !of.isHandled) || inThreadOf(original);
            const standing = homeserver.standing(one.event);
            // Where nothing known is old enough, nobody has looked for what is unknown.
            if (one.isUnheard && !stays) continue;
            expect([one.event, standing === 'there']).toEqual([one.event, stays]);
          }
          const before = homeserver.order.length;
          const again = await new RoomEraser(flow, place).erase();
          expect([again.erased.purged, again.erased.redacted, homeserver.order.length]).toEqual([0, 0, before]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** An edit stands in the thread of what it edits. */
const inThreadOf = (original: { readonly ticket: Made['ticket']; readonly isUnheard: boolean } | undefined): boolean =>
  original !== undefined && !original.isUnheard && original.ticket?.urgency === 'stat' && !original.ticket.isHandled;
