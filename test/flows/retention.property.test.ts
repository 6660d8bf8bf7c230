/** Whatever a room holds, and wherever a run is interrupted: what `explain` says is what a run does, and nothing that must stay goes. */
import fc from 'fast-check';
import { RoomEraser } from '../../src/flows/retention/eraseRoom.ts';
import { planRoom } from '../../src/flows/retention/planRoom.ts';
import { eventId, roomId, type TicketId, ticketId } from '../../src/kernel/ids.ts';
import type { HoldScope } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { storeOn } from './controlRig.ts';
import { ash, birch, DAY, flowOf, Homeserver, keptRoom, NOW, OWN, place, stored, threaded } from './retentionRig.ts';

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
  await keptRoom(bench, room);
  const members = [`@ash:${OWN}`, ...(isShared ? ['@osei:partner.example'] : [])];
  for (const member of members)
    await place(
      bench,
      room,
      { ...stored(eventId(`$${rooms}${member}`), NOW), type: 'm.room.member', stateKey: member },
      NOW,
    );
  for (const { entry, at, ticket, isUnheard, by, event } of events) {
    if (isUnheard) continue;
    await place(bench, room, { ...entry, sender: by === 'ash' ? ash : birch }, at);
    if (ticket === null || entry.stateKey !== null) continue;
    await threaded(bench, event, { id: `tk-${event}`, ...ticket });
  }
  const order = events
    .map(({ entry, place }, index) => ({ entry, rank: index + place + 0.1 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
  const homeserver = new Homeserver(order, failures);
  return { room, events, homeserver };
}

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
          const flow = flowOf(store, homeserver);
          const retained = {
            room,
            class: 'clinical',
            patient: null,
            partners: isShared ? [OWN, 'partner.example'] : [OWN],
          };
          // Interrupted as often as it fails, then once to the end.
          for (let tries = 0; tries < 30; tries += 1) {
            const { failure } = await new RoomEraser(flow, retained).erase();
            if (failure === null) break;
          }
          homeserver.mend();
          const last = await new RoomEraser(flow, retained).erase();
          expect(last.failure).toBeNull();
          const planned = await planRoom(flow, retained);
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
          const again = await new RoomEraser(flow, retained).erase();
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
