import type { Eraser } from '../../src/flows/eraserPort.ts';
import { factsOf } from '../../src/flows/policyFacts.ts';
import { Recalls } from '../../src/flows/retention/recalls.ts';
import { type EventId, eventId, roomId, userId } from '../../src/kernel/ids.ts';
import { err, ok } from '../../src/kernel/result.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { bot, policyOf, storeOn } from './controlRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
  await bench.admin.query(
    `INSERT INTO wardroom.kept_rooms (key, room_id, subject, state, since) VALUES ('k', $1, '{"kind": "room", "class": "clinical", "name": "R"}', 'kept', now())`,
    [room],
  );
});
beforeEach(() =>
  bench.admin.query('TRUNCATE wardroom.inbox_events, wardroom.hold_events, wardroom.audit_entries CASCADE'),
);
afterAll(() => bench?.close());

const NOW = Date.parse('2026-11-28T12:00:00Z');
const room = roomId('!ward:example');
const [amsel, brandt] = [userId('@amsel:example'), userId('@brandt:example')];
const message = eventId('$said');

/** A message in a room, and a homeserver that may be away. */
async function ward() {
  const home = { isUp: true, redacted: new Set<EventId>(), now: NOW + 60_000 };
  const alarms: string[] = [];
  const eraser: Eraser = {
    history: async () => ok({ events: [], next: null }),
    purge: async () => ok(undefined),
    look: async (_room, event) => {
      if (!home.isUp) return err({ kind: 'retry', code: 'homeserver-unreachable' });
      return ok(home.redacted.has(event) ? 'redacted' : 'there');
    },
    redact: async (_room, event) => {
      if (!home.isUp) return err({ kind: 'retry', code: 'homeserver-unreachable' });
      home.redacted.add(event);
      return ok(undefined);
    },
    deleteMedia: async () => ok('deleted'),
  };
  const clock = { now: () => home.now };
  const policy = policyOf();
  const recalls = new Recalls({
    store,
    clock,
    eraser,
    policy: () => policy,
    agreements: async () => [],
    facts: (read) =>
      factsOf(read, { policy, now: home.now, ownServer: 'example', bot, voices: [], agreements: async () => [] }),
    alarms: { raise: (code) => void alarms.push(code) },
    crash: { reach: () => undefined },
  });
  const insert = (event: EventId, more: { readonly relatesTo?: EventId; readonly sender?: string } = {}) =>
    bench.admin.query(
      `INSERT INTO wardroom.inbox_events (event_id, room_id, sender, type, relates_to, rel_type, ours, is_root, session_id, sent_at, received_at, state)
       VALUES ($1, $2, $3, 'm.room.encrypted', $4, $5, false, false, 's', $6, to_timestamp($6::bigint / 1000.0), 'handled')`,
      [event, room, more.sender ?? amsel, more.relatesTo ?? null, more.relatesTo ? 'm.replace' : null, NOW],
    );
  await insert(message);
  const recall = (by = amsel, replyTo: EventId | null = message) =>
    store.change(async (tx) => {
      const said = {
        room,
        account: null,
        event: eventId('$command'),
        sender: by,
        thread: null,
        target: null,
        replyTo,
        mentions: [],
        strength: 'device' as const,
        isCrossSigned: true,
        isOld: false,
      };
      const done = await recalls.recall(tx, said);
      return { value: done, audit: [{ action: 'command.given', outcome: 'ok', actor: by }, ...done.audit] };
    });
  return { home, recalls, insert, recall, alarms };
}

describe('what is taken back', () => {
  it('while the homeserver is away goes when it is back, with edits that came since, and once', async () => {
    const { home, recalls, insert, recall } = await ward();
    home.isUp = false;
    expect(await recall()).toMatchObject({ outcome: 'ok', code: 'recalled' });
    await recalls.sweep();
    expect(home.redacted.size).toBe(0);
    await insert(eventId('$edit'), { relatesTo: message });
    // Somebody else's pretended edit is theirs.
    await insert(eventId('$other'), { relatesTo: message, sender: brandt });
    home.isUp = true;
    await recalls.sweep();
    expect([...home.redacted].sort()).toEqual(['$edit', '$said']);
    home.redacted.clear();
    await recalls.sweep();
    expect(home.redacted.size).toBe(0);
  });

  it('is only what one wrote oneself, in this room, in time', async () => {
    const { home, recall } = await ward();
    expect(await recall(brandt)).toMatchObject({ code: 'not-the-author' });
    expect(await recall(amsel, null)).toMatchObject({ code: 'no-such-message' });
    expect(await recall(amsel, eventId('$unknown'))).toMatchObject({ code: 'no-such-message' });
    home.now = NOW + 15 * 60_000;
    expect(await recall()).toMatchObject({ code: 'recall-too-late', data: { window: '15m' } });
    expect(home.redacted.size).toBe(0);
  });

  it('stays where a legal hold covers it', async () => {
    const { recall, recalls, home } = await ward();
    await store.change(async (tx) => {
      await tx.holds.append(
        { type: 'placed', id: 'HOLD-1', covers: { person: amsel }, by: brandt, at: NOW, until: null },
        null,
      );
      return { value: null, audit: [{ action: 'hold.placed', outcome: 'ok', actor: brandt }] };
    });
    expect(await recall()).toMatchObject({ code: 'under-hold', data: { holds: ['HOLD-1'] } });
    await recalls.sweep();
    expect(home.redacted.size).toBe(0);
  });
});
