import type { Voices } from '../../src/flows/ports.ts';
import { newKept } from '../../src/flows/rooms/keptRooms.ts';
import { MemberNotices } from '../../src/flows/rooms/memberNotices.ts';
import { OldSessions } from '../../src/flows/rooms/oldSessions.ts';
import { eventId, type RoomId, roomId, type UserId, userId } from '../../src/kernel/ids.ts';
import { err, ok } from '../../src/kernel/result.ts';
import type { ObservedRoom } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { BOT, factsOf, local, NOW } from '../policy/support.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { storeOn } from './controlRig.ts';
import { subject } from './keeperRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(() => bench.admin.query('TRUNCATE wardroom.kept_rooms_told, wardroom.audit_entries CASCADE'));
afterAll(() => bench?.close());

const [ash, birch] = [local('ash'), local('birch')];
const id = roomId('!ward');
const known = {
  facts: factsOf(),
  roleSpaces: [],
  voicesOf: () => [],
  rosterOf: () => null,
  childrenOf: () => [],
  basis: '',
};

const roomWith = (...users: readonly UserId[]): ObservedRoom => ({
  roomId: id,
  state: [BOT, ...users].map((user) => ({
    type: 'm.room.member',
    state_key: user,
    sender: user,
    content: { membership: 'join' },
  })),
});

/** A bot that speaks to whoever has a device. */
function ward() {
  const said: { readonly to: readonly UserId[]; readonly body: string; readonly txnId: string }[] = [];
  const state = { devices: new Set<UserId>([ash, birch]), answers: true };
  let pending: Record<string, unknown> = {};
  const voices: Pick<Voices, 'bot' | 'encrypt' | 'send'> = {
    bot: BOT,
    async encrypt(_voice, _room, _type, content) {
      pending = content.reveal();
      const readers = Object.fromEntries([...state.devices].map((user) => [user, ['PHONE' as never]]));
      return ok({ content: {}, sessionId: 's', readers });
    },
    async send(_voice, _room, _type, txnId) {
      if (!state.answers) return err({ kind: 'retry', code: 'homeserver-unreachable' });
      const { user_ids: to } = pending['m.mentions'] as { user_ids: UserId[] };
      said.push({ to, body: String(pending.body), txnId });
      return ok(eventId(`$${said.length}`));
    },
  };
  const open = () => new MemberNotices({ store, clock: { now: () => NOW }, voices });
  const kept = newKept('ward', subject(), NOW, id);
  return { said, state, open, kept };
}

describe('members of a kept room', () => {
  it('are told once what is recorded and for how long, also after a restart', async () => {
    const { said, open, kept } = ward();
    const notices = open();
    await notices.look(kept, roomWith(ash), known);
    await notices.look(kept, roomWith(ash), known);
    await notices.look(kept, roomWith(ash, birch), known);
    await open().look(kept, roomWith(ash, birch), known);
    expect(said.map(({ to }) => to)).toEqual([[ash], [birch]]);
    expect(said[0]?.body).toMatch(/recorded.*deleted after 30 days/);
    expect(await store.read.keptRooms.told(id)).toEqual(expect.arrayContaining([ash, birch]));
  });

  it('who have no device are told when they have one', async () => {
    const { said, state, open, kept } = ward();
    state.devices = new Set([ash]);
    const notices = open();
    await notices.look(kept, roomWith(ash, birch), known);
    await notices.look(kept, roomWith(ash, birch), known);
    expect(said).toHaveLength(1);
    expect(await store.read.keptRooms.told(id)).toEqual([ash]);
    state.devices = new Set([ash, birch]);
    expect(notices.devicesChanged([ash])).toEqual([]);
    expect(notices.devicesChanged([birch])).toEqual([id]);
    await notices.look(kept, roomWith(ash, birch), known);
    expect(said.map(({ to }) => to)).toEqual([[ash, birch], [birch]]);
  });

  it('are told by one message, however often it had to be sent', async () => {
    const { said, state, open, kept } = ward();
    state.answers = false;
    const notices = open();
    await notices.look(kept, roomWith(ash), known);
    expect(await store.read.keptRooms.told(id)).toEqual([]);
    state.answers = true;
    await notices.look(kept, roomWith(ash), known);
    // A death before it was recorded.
    await bench.admin.query('TRUNCATE wardroom.kept_rooms_told');
    await open().look(kept, roomWith(ash), known);
    expect(new Set(said.map(({ txnId }) => txnId)).size).toBe(1);
  });
});

describe('a message after somebody left', () => {
  const write = async (leftSeq: number | null, seen: readonly string[], writes: readonly [UserId, string][]) => {
    const alarms: string[] = [];
    const sessions = new OldSessions({
      store,
      alarms: { raise: (code) => void alarms.push(code) },
      inbox: { sessionSeenBefore: async (_room: RoomId, session: string) => seen.includes(session) },
      kept: () => ({ ...newKept('ward', subject(), NOW, id), leftSeq }),
    });
    for (const [sender, sessionId] of writes)
      await sessions.used({ room: id, sender, sessionId, seq: 9, event: eventId(`$${sender}${sessionId}`) });
    const { rows } = await bench.pool.query(
      `SELECT 1 FROM wardroom.audit_entries WHERE body->>'action' = 'room.old_key_used'`,
    );
    return { alarms, audited: rows.length };
  };

  it('with a key from before raises an alarm, once for each who writes so', async () => {
    const old: [UserId, string] = [ash, 'old'];
    expect(await write(5, ['old'], [old, old, [birch, 'old'], [userId('@rowan:marlow.example'), 'new']])).toEqual({
      alarms: ['old-key-used', 'old-key-used'],
      audited: 2,
    });
  });

  it('with a new key is nothing, nor is any while nobody left', async () => {
    expect(await write(5, ['old'], [[ash, 'new']])).toEqual({ alarms: [], audited: 0 });
    expect(await write(null, ['old'], [[ash, 'old']])).toEqual({ alarms: [], audited: 0 });
  });
});
