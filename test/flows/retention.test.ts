/** What changes while a run deletes. */
import { RoomEraser } from '../../src/flows/retention/eraseRoom.ts';
import { RetentionRuns } from '../../src/flows/retention/retentionRuns.ts';
import { eventId, type RoomId, roomId, userId } from '../../src/kernel/ids.ts';
import { DIRECT } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { storeOn } from './controlRig.ts';
import { DAY, flowOf, Homeserver, keptRoom, NOW, place, stored, threaded } from './retentionRig.ts';

let bench: AuditBench;
let store: PostgresStore;
let rooms = 0;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
afterAll(() => bench?.close());

/** A room with an old message, an old STAT that was acknowledged with an answer in its thread, and another old message. */
async function ward() {
  rooms += 1;
  const room: RoomId = roomId(`!ward${rooms}:one.example`);
  const [before, stat, answer, after] = ['before', 'stat', 'answer', 'after'].map((name) =>
    eventId(`$${rooms}-${name}`),
  );
  const ticket = `tk-${rooms}`;
  const at = NOW - 31 * DAY;
  const order = [
    stored(before!, at),
    stored(stat!, at),
    { ...stored(answer!, at), relatesTo: stat!, relType: 'm.thread' },
    stored(after!, at),
  ];
  await keptRoom(bench, room);
  for (const entry of order) await place(bench, room, entry, at);
  await threaded(bench, stat!, { id: ticket, urgency: 'stat', isHandled: true });
  const homeserver = new Homeserver(order);
  const withdraw = () =>
    bench.admin.query(`UPDATE wardroom.tickets SET state = 'seen' WHERE ticket_id = $1 AND state = 'acknowledged'`, [
      ticket,
    ]);
  const marked = async () =>
    (
      await bench.admin.query<{ event: string }>(
        'SELECT event_id AS event FROM wardroom.inbox_events WHERE room_id = $1 AND gone_how IS NOT NULL ORDER BY seq',
        [room],
      )
    ).rows.map(({ event }) => event);
  const retained = (partners: readonly string[]) => ({ room, class: 'clinical', patient: null, partners });
  return {
    homeserver,
    ticket,
    withdraw,
    marked,
    retained,
    before: before!,
    stat: stat!,
    answer: answer!,
    after: after!,
  };
}

describe('a room of Wardroom and one person', () => {
  it('has a lifetime of its own: what they were told alone, and what emergency access left', async () => {
    const [notices, transcript] = [roomId('!notices:one.example'), roomId('!transcript:one.example')];
    // The room before that one, too.
    for (const room of [notices, roomId('!later:one.example')])
      await store.change(async (tx) => {
        await tx.training.saveDirectRoom(userId('@ash:one.example'), room);
        return { value: null, audit: [{ action: 'training.told', outcome: 'ok', actor: 'wardroom' }] };
      });
    await bench.admin.query(
      `INSERT INTO wardroom.break_glass_events (access_id, event, at) VALUES (1, json_build_object('type', 'opened', 'at', 0, 'transcriptRoom', $1::text), now())`,
      [transcript],
    );
    const rooms = await store.read.retention.rooms();
    for (const room of [notices, transcript]) {
      const retained = await store.read.retention.room(room);
      expect(retained).toEqual({ room, class: DIRECT, patient: null, partners: [] });
      expect(rooms).toContainEqual(retained);
      const [old, young] = ['old', 'young'].map((name) => stored(eventId(`$${name}-${room}`), NOW));
      await place(bench, room, old!, NOW - 91 * DAY);
      await place(bench, room, young!, NOW - 89 * DAY);
      const homeserver = new Homeserver([old!, young!]);
      await new RoomEraser(flowOf(store, homeserver), retained!).erase();
      expect([homeserver.standing(old!.event), homeserver.standing(young!.event)]).toEqual(['gone', 'there']);
    }
  });
});

describe('an old STAT message', () => {
  it.each([
    ['purges', []],
    ['asks a partner by redaction', ['partner.example']],
  ])('stays with its thread where its acknowledgement is withdrawn while a run %s', async (_how, partners) => {
    const { homeserver, withdraw, marked, retained, before, stat, answer, after } = await ward();
    homeserver.whileReading = async () => {
      // It was marked with the rest.
      if ((await withdraw()).rowCount === 1) expect(await marked()).toEqual([before, stat, answer, after]);
    };
    const { erased, failure } = await new RoomEraser(flowOf(store, homeserver), retained(partners)).erase();
    expect(failure).toBeNull();
    for (const event of [stat, answer]) expect(homeserver.standing(event)).toBe('there');
    for (const event of [before, after]) expect(homeserver.standing(event)).not.toBe('there');
    expect(erased.kept).toEqual({ unread_stat: 2 });
    expect(await marked()).toEqual([before, after]);
  });

  it('keeps its text in Wardroom where its acknowledgement is withdrawn at the last moment', async () => {
    const { homeserver, withdraw, ticket } = await ward();
    await bench.admin.query(
      `UPDATE wardroom.tickets SET accepted_at = to_timestamp($2::bigint / 1000.0), text_ciphertext = 'sealed' WHERE ticket_id = $1`,
      [ticket, NOW - 31 * DAY],
    );
    await bench.admin.query(
      `UPDATE wardroom.kept_rooms SET subject = subject || '{"account": "A"}'; UPDATE wardroom.inbox_events SET gone_at = now()`,
    );
    const isErased = async () =>
      (
        await bench.admin.query<{ erased: boolean }>(
          'SELECT erased_at IS NOT NULL AS erased FROM wardroom.tickets WHERE ticket_id = $1',
          [ticket],
        )
      ).rows[0]?.erased;
    const run = async (inTransaction: () => Promise<unknown>) => {
      const flow = {
        ...flowOf(store, homeserver),
        agreements: async (read: unknown) => {
          if (read !== store.read) await inTransaction();
          return [];
        },
      };
      const runs = new RetentionRuns(flow, async () => true);
      const id = await store.change(async (tx) => ({
        value: await runs.begin(tx, 'ash'),
        audit: [{ action: 'retention.test', outcome: 'ok', actor: 'ash' }],
      }));
      expect((await runs.complete(String(id)))?.finishedAt).toBe(NOW);
    };
    await run(withdraw);
    expect(await isErased()).toBe(false);
    await bench.admin.query(`UPDATE wardroom.tickets SET state = 'acknowledged' WHERE ticket_id = $1`, [ticket]);
    await run(async () => undefined);
    expect(await isErased()).toBe(true);
  });

  it('goes where its acknowledgement stands', async () => {
    const { homeserver, retained, stat, answer } = await ward();
    await new RoomEraser(flowOf(store, homeserver), retained([])).erase();
    for (const event of [stat, answer]) expect(homeserver.standing(event)).not.toBe('there');
  });
});
