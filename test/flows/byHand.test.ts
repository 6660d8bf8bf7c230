/** What people do to messages with their clients, past `!recall`. */
import { ByHand } from '../../src/flows/retention/byHand.ts';
import { type EventId, eventId, roomId } from '../../src/kernel/ids.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { policyOf, storeOn } from './controlRig.ts';
import { ash, birch, keptRoom, NOW, place, stored } from './retentionRig.ts';

let bench: AuditBench;
let store: PostgresStore;
let rooms = 0;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(() => bench.admin.query('TRUNCATE wardroom.hold_events, wardroom.audit_entries CASCADE'));
afterAll(() => bench?.close());

/** A room with a message of ash that names a file, said so long ago, and what becomes of it. */
async function ward(ageMs: number, type = 'm.room.encrypted') {
  rooms += 1;
  const room = roomId(`!hand${rooms}:one.example`);
  const message = eventId(`$hand${rooms}`);
  const mxc = `mxc://one.example/file${rooms}`;
  await keptRoom(bench, room);
  await place(bench, room, { ...stored(message, NOW - ageMs), type }, NOW - ageMs);
  await bench.admin.query('INSERT INTO wardroom.event_media (event_id, mxc) VALUES ($1, $2)', [message, mxc]);
  const [alarms, changes]: [string[], { count: number }] = [[], { count: 0 }];
  const policy = policyOf();
  const byHand = new ByHand({
    store: {
      read: store.read,
      change: (work) => {
        changes.count += 1;
        return store.change(work);
      },
    },
    clock: { now: () => NOW },
    policy: () => policy,
    alarms: { raise: (code) => void alarms.push(code) },
  });
  const done = (target: EventId = message) => ({ room, event: eventId(`$by-hand-${rooms}`), by: ash, target });
  const entries = async () =>
    (
      await bench.admin.query<{ action: string; code: string | null }>(
        `SELECT body->>'action' AS action, body->>'code' AS code FROM wardroom.audit_entries
          WHERE body->>'action' LIKE 'message.%' ORDER BY 1`,
      )
    ).rows;
  const hold = () =>
    store.change(async (tx) => {
      await tx.holds.append({ type: 'placed', id: 'HOLD-1', covers: { room }, by: birch, at: NOW, until: null }, null);
      return { value: null, audit: [{ action: 'hold.placed', outcome: 'ok', actor: birch }] };
    });
  return { room, message, mxc, byHand, alarms, changes, done, entries, hold };
}

const MINUTE = 60_000;

describe('a message that a member redacts', () => {
  it('under a hold raises an alarm of its own, and what Wardroom needs to show it stays: its file and its room key', async () => {
    const { message, mxc, byHand, alarms, done, entries, hold } = await ward(MINUTE);
    await hold();
    await byHand.redacted(done());
    expect(alarms).toEqual(['held-message-redacted-by-hand']);
    expect(await entries()).toEqual([{ action: 'message.redacted_by_hand', code: 'under-hold' }]);
    expect((await store.read.retention.message(message))?.gone).toBeNull();
    expect(await store.read.retention.unusedMedia('', 10)).not.toContain(mxc);
  });

  it('after the window raises the alarm for that, and its file goes', async () => {
    const { message, mxc, byHand, alarms, done, entries } = await ward(16 * MINUTE);
    await byHand.redacted(done());
    expect(alarms).toEqual(['message-redacted-by-hand']);
    expect(await entries()).toEqual([{ action: 'message.redacted_by_hand', code: 'recall-too-late' }]);
    expect((await store.read.retention.message(message))?.gone).toBe('withdrawn');
    expect(await store.read.retention.unusedMedia('', 10)).toContain(mxc);
    await byHand.redacted(done());
    expect(alarms).toHaveLength(1);
  });

  it('within the window is on record, and no alarm', async () => {
    const { byHand, alarms, done, entries } = await ward(MINUTE);
    await byHand.redacted(done());
    expect([alarms, (await entries()).map(({ code }) => code)]).toEqual([[], [null]]);
  });

  it('costs no transaction where it was a reaction', async () => {
    const { byHand, alarms, changes, done, entries } = await ward(60 * MINUTE, 'm.reaction');
    await byHand.redacted(done());
    await byHand.redacted(done(eventId('$never-heard-of')));
    expect([alarms, changes.count, await entries()]).toEqual([[], 0, []]);
  });
});

describe('a message that a member edits', () => {
  it('late, or under a hold, is caught', async () => {
    const late = await ward(16 * MINUTE);
    await late.byHand.edited(late.done());
    const held = await ward(MINUTE);
    await held.hold();
    await held.byHand.edited(held.done());
    expect([late.alarms, held.alarms]).toEqual([['message-edited-late'], ['message-edited-late']]);
    expect((await held.entries()).map(({ code }) => code).sort()).toEqual(['recall-too-late', 'under-hold']);
  });
});
