import { accountId, type RoomId, roomId, userId } from '../../src/kernel/ids.ts';
import { foldGrants, foldHolds } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { agreement, BOT, DAY, holds, local, NOW, OWN } from '../policy/support.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { storeOn } from './controlRig.ts';
import { keepingOf, Rooms, record, subject } from './keeperRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(async () => {
  await bench.admin.query(
    'TRUNCATE wardroom.kept_rooms, wardroom.kept_rooms_told, wardroom.role_events, wardroom.hold_events, wardroom.audit_entries CASCADE',
  );
});
afterAll(() => bench?.close());

const [ash, birch, rowan] = [local('ash'), local('birch'), local('rowan')];
const PARTNER = 'fenwickvale.example';
const guest = userId(`@guest:${PARTNER}`);

interface Entry {
  readonly action: string;
  readonly outcome: string;
  readonly code: string | null;
}
const audited = async (): Promise<readonly Entry[]> =>
  (
    await bench.pool.query<Entry>(
      `SELECT body->>'action' AS action, body->>'outcome' AS outcome, body->>'code' AS code FROM wardroom.audit_entries
        WHERE body->>'action' LIKE 'room.%' ORDER BY entry_id`,
    )
  ).rows;

/** A clinical room in which two physicians are. */
async function ward(count = 1) {
  const world: Parameters<typeof keepingOf>[2] = {
    now: NOW,
    facts: { grants: [ash, birch].map((user) => holds(user, 'physician')) },
  };
  const keeper = new Rooms();
  const process = keepingOf(store, keeper, world);
  const keys = Array.from({ length: count }, (_, at) => `room-${at}`);
  for (const key of keys) await record(store, key, subject({ name: `Ward ${key}` }));
  await process.keeping.load();
  await process.keeping.start();
  const rooms: RoomId[] = [];
  for (const key of keys) {
    const made = await process.keeping.make(key);
    if (!made.ok) throw new Error(made.error.code);
    rooms.push(made.value);
  }
  await process.keeping.idle();
  const [room] = rooms as [RoomId];
  return { world, keeper, ...process, rooms, room, at: keeper.at(room) };
}

describe('keeping rooms', () => {
  it('makes a room, brings in who holds a role, and then asks the homeserver for nothing more', async () => {
    const { keeper, keeping, at, failures, kept } = await ward();
    expect([at.membership(ash), at.membership(birch), at.membership(rowan)]).toEqual(['join', 'join', undefined]);
    expect(at.content('m.room.join_rules')?.join_rule).toBe('restricted');
    expect([failures, kept.length > 0]).toEqual([[], true]);
    keeper.requests.length = 0;
    for (let times = 0; times < 20; times += 1) await keeping.look();
    await keeping.idle();
    expect(keeper.requests).toEqual([]);
  });

  it('corrects what somebody changed, says so in the audit log, and what the transactions did not say it finds', async () => {
    const { keeper, keeping, room, at, changed } = await ward();
    at.put('m.room.history_visibility', { history_visibility: 'world_readable' }, '', '@admin:marlow.example');
    await changed(room, userId('@admin:marlow.example'), 'm.room.history_visibility');
    await keeping.idle();
    expect(at.content('m.room.history_visibility')?.history_visibility).toBe('invited');
    expect(await audited()).toEqual(
      expect.arrayContaining([{ action: 'room.corrected', outcome: 'ok', code: 'history-visibility' }]),
    );
    at.put('m.room.guest_access', { guest_access: 'can_join' }, '', '@admin:marlow.example');
    keeper.unsaid.push(room);
    const before = performance.now;
    performance.now = () => before.call(performance) + 16_000;
    try {
      await keeping.look();
    } finally {
      performance.now = before;
    }
    await keeping.idle();
    expect(at.content('m.room.guest_access')?.guest_access).toBe('forbidden');
  });

  it('takes who lost their role out of its space first and then of every room, and gives them no key meanwhile', async () => {
    const { world, keeper, keeping, rooms } = await ward(3);
    const order: string[] = [];
    keeper.beforeStep = (room, step) => {
      if (step.kind !== 'kick') return;
      order.push(keeping.of(room)?.subject.kind ?? '');
      if (keeping.of(room)?.subject.kind === 'room')
        expect(keeping.readersOf(room, [BOT, ash, birch])).toEqual([BOT, ash]);
    };
    world.facts = { ...world.facts, grants: [holds(ash, 'physician'), holds(birch, 'physician', NOW + 1000)] };
    // A clock that was put back has the record read again.
    world.now = NOW - 1;
    await keeping.look();
    await keeping.idle();
    expect(order).toEqual([]);
    world.now = NOW + 1000;
    await keeping.look();
    await keeping.idle();
    expect(order[0]).toBe('space');
    expect(order.filter((kind) => kind === 'room')).toHaveLength(3);
    for (const room of rooms) {
      expect([keeper.at(room).membership(birch), keeper.at(room).membership(ash)]).toEqual(['leave', 'join']);
      expect(keeper.at(room).rotated).toBeGreaterThan(0);
    }
  });

  it('alarms when a fault has come back three times instead of fighting, and forgives after an hour', async () => {
    const { world, keeping, room, at, changed, alarms } = await ward();
    const spoil = async () => {
      at.put('m.room.topic', { topic: 'Zimmer' }, '', '@admin:marlow.example');
      await changed(room, userId('@admin:marlow.example'), 'm.room.topic');
      await keeping.idle();
      return at.content('m.room.topic')?.topic;
    };
    expect([await spoil(), await spoil(), await spoil()]).toEqual(['', '', '']);
    expect(alarms).toEqual([]);
    expect([await spoil(), await spoil()]).toEqual(['Zimmer', 'Zimmer']);
    expect(alarms).toEqual(['room-fault-returns']);
    world.now += 3_600_001;
    expect(await spoil()).toBe('');
  });

  it('counts a fault anew after somebody decided otherwise', async () => {
    const { world, keeping, room, at, alarms } = await ward();
    for (let times = 0; times < 5; times += 1) {
      world.facts = { ...world.facts, grants: [holds(ash, 'physician')] };
      world.now += 1;
      await bench.admin.query(
        `INSERT INTO wardroom.role_events (user_id, role, event, at) VALUES ('x', 'y', '{}', now())`,
      );
      await keeping.look();
      await keeping.idle();
      expect(at.membership(birch)).toBe('leave');
      world.facts = { ...world.facts, grants: [holds(ash, 'physician'), holds(birch, 'physician')] };
      await bench.admin.query(
        `INSERT INTO wardroom.role_events (user_id, role, event, at) VALUES ('x', 'y', '{}', now())`,
      );
      await keeping.look();
      await keeping.idle();
      expect(at.membership(birch)).toBe('join');
    }
    expect([alarms, keeping.of(room)?.state]).toEqual([[], 'kept']);
  });

  it('says once what it cannot correct, and gives no key to whom it cannot remove', async () => {
    const { keeping, room, at, changed, alarms } = await ward();
    const power = at.content('m.room.power_levels') as { users: Record<string, number> };
    at.put('m.room.power_levels', { ...power, users: { ...power.users, [rowan]: 100 } }, '', '@admin:marlow.example');
    at.put('m.room.create', { room_version: '11' });
    at.put('m.room.member', { membership: 'join' }, rowan, rowan);
    at.put('m.room.power_levels', { ...power, users: { [BOT]: 100, [rowan]: 100 } }, '', '@admin:marlow.example');
    for (let times = 0; times < 3; times += 1) {
      await changed(room, rowan, 'm.room.member', rowan, 'join');
      await keeping.idle();
    }
    expect(at.membership(rowan)).toBe('join');
    expect(keeping.readersOf(room, [BOT, ash, rowan])).toEqual([BOT, ash]);
    expect(alarms.filter((code) => code === 'room-cannot-be-corrected').length).toBeGreaterThan(0);
    const failed = (await audited()).filter(({ action }) => action === 'room.not_corrected');
    // Their power, and their presence: each once.
    expect(failed.map(({ code }) => code)).toEqual(['power-above-ours', 'power-above-ours']);
  });

  it('completes what a death in the middle of fifty rooms left, and does nothing twice', async () => {
    const { world, keeper, keeping, rooms } = await ward(50);
    let steps = 0;
    keeper.beforeStep = () => {
      steps += 1;
      if (steps > 40) throw new Error('killed');
    };
    world.facts = { ...world.facts, grants: [holds(ash, 'physician'), holds(birch, 'physician', NOW + 1000)] };
    world.now = NOW - 1;
    await keeping.look();
    world.now = NOW + 1000;
    await keeping.look();
    await keeping.idle();
    const out = () => rooms.filter((room) => keeper.at(room).membership(birch) === 'leave').length;
    expect(out()).toBeGreaterThan(0);
    expect(out()).toBeLessThan(50);
    await keeping.stop();

    const taken: string[] = [];
    keeper.beforeStep = (room, step) => {
      if (step.kind === 'kick') expect(keeper.at(room).membership(step.user)).not.toBe('leave');
      taken.push(step.kind);
    };
    const after = keepingOf(store, keeper, world);
    await after.keeping.load();
    await after.keeping.start();
    await after.keeping.idle();
    expect(out()).toBe(50);
    expect(taken.filter((kind) => kind === 'set-state')).toEqual([]);
    // Every removal stands in the log before it was made, so that a death explains itself.
    const log = await audited();
    expect(log.filter(({ action }) => action === 'room.correcting').length).toBeGreaterThanOrEqual(50);
  });

  it('makes spaces for a partner’s people while an agreement is in force, and empties rooms and spaces when it ends', async () => {
    const { world, keeper, keeping } = await ward();
    keeper.users.add(`@wardroom:${PARTNER}`);
    await record(store, 'consult', subject({ class: 'consult', name: 'Consult 1' }));
    keeping.changed((await store.read.keptRooms.all()).find(({ key }) => key === 'consult')!);
    world.facts = { ...world.facts, agreements: [agreement(PARTNER, ['consult'], '2026-11-28')] };
    world.now = NOW - 1;
    await keeping.look();
    const made = await keeping.make('consult');
    await keeping.idle();
    if (!made.ok) throw new Error('not made');
    const room = keeper.at(made.value);
    const space = keeper.at(keeper.byKey.get(`space:physician:${PARTNER}`)!);
    expect(space.membership(`@wardroom:${PARTNER}`)).toBe('invite');
    expect(room.content('m.room.server_acl')?.allow).toEqual([PARTNER, OWN]);

    // The partner's Wardroom brings somebody in; they come by the space.
    space.put('m.room.member', { membership: 'join' }, `@wardroom:${PARTNER}`);
    space.put('m.room.member', { membership: 'join' }, guest, `@wardroom:${PARTNER}`);
    await keeping.stateChanged({
      room: space.roomId,
      event: '$a' as never,
      sender: guest,
      type: 'm.room.member',
      stateKey: guest,
      membership: 'join',
      at: NOW,
      seq: 1,
    });
    await keeping.idle();
    room.put('m.room.member', { membership: 'join' }, guest, guest);
    await keeping.stateChanged({
      room: room.roomId,
      event: '$b' as never,
      sender: guest,
      type: 'm.room.member',
      stateKey: guest,
      membership: 'join',
      at: NOW,
      seq: 2,
    });
    await keeping.idle();
    expect([room.membership(guest), space.membership(guest)]).toEqual(['join', 'join']);

    world.now = NOW + 2 * DAY;
    await keeping.look();
    await keeping.idle();
    expect([room.membership(guest), space.membership(guest)]).toEqual(['leave', 'leave']);
    expect(room.content('m.room.server_acl')?.allow).toEqual([OWN]);
    expect(space.membership(`@wardroom:${PARTNER}`)).toBe('leave');
  });

  it('fills a space that a partner’s Wardroom made for our people, once an agreement is on file here, too', async () => {
    const { world, keeper, keeping, changed } = await ward();
    const theirs = `@wardroom:${PARTNER}`;
    const id = roomId('!space-of-theirs');
    const space = keeper.add(id, '11', { type: 'm.space' });
    space.put('m.room.create', { room_version: '11', type: 'm.space' }, '', theirs);
    space.put('org.wardroom.room', { purpose: 'kept', key: `space:physician:${OWN}` }, '', theirs);
    space.put('m.room.power_levels', { users: { [theirs]: 100, [BOT]: 50 }, invite: 50, kick: 50 }, '', theirs);
    space.put('m.room.member', { membership: 'invite' }, BOT, theirs);
    await changed(id, userId(theirs), 'm.room.member', BOT, 'invite');
    await keeping.idle();
    expect(space.membership(BOT)).toBe('invite');

    world.facts = { ...world.facts, agreements: [agreement(PARTNER, ['consult'])] };
    world.now = NOW - 1;
    await keeping.look();
    await keeping.idle();
    expect([BOT, ash, birch].map((user) => space.membership(user))).toEqual(['join', 'join', 'join']);
    world.facts = { ...world.facts, grants: foldGrants([]).concat(holds(ash, 'physician')) };
    world.now = NOW - 2;
    await keeping.look();
    await keeping.idle();
    expect([ash, birch].map((user) => space.membership(user))).toEqual(['join', 'leave']);
  });

  it('goes nowhere else by itself: no other inviter, no other kind of room', async () => {
    const { world, keeper, keeping, changed } = await ward();
    world.facts = { ...world.facts, agreements: [agreement(PARTNER, ['consult'])] };
    world.now = NOW - 1;
    await keeping.look();
    const [byPerson, noSpace] = [roomId('!by-person'), roomId('!no-space')];
    for (const id of [byPerson, noSpace]) {
      const room = keeper.add(id, '11');
      room.put('m.room.create', { room_version: '11' }, '', `@wardroom:${PARTNER}`);
      room.put('m.room.member', { membership: 'invite' }, BOT, guest);
    }
    await changed(byPerson, guest, 'm.room.member', BOT, 'invite');
    await changed(noSpace, userId(`@wardroom:${PARTNER}`), 'm.room.member', BOT, 'invite');
    await keeping.idle();
    expect(keeper.requests.filter((one) => one.startsWith('enter') || one.startsWith('leave'))).toEqual([
      `enter ${noSpace}`,
      `leave ${noSpace}`,
    ]);
  });

  it('follows an upgrade to the room that says it is the successor, and to no other', async () => {
    const { keeper, keeping, room, at, changed, alarms } = await ward();
    const [good, bad] = [roomId('!good'), roomId('!bad')];
    keeper.add(good, '12', { predecessor: { room_id: room } });
    keeper.add(bad, '12', { predecessor: { room_id: '!another' } });
    await store.change(async (tx) => {
      const by = { by: ash, at: NOW, until: null };
      await tx.holds.append({ type: 'placed', id: 'HOLD-1', covers: { room }, ...by }, null);
      await tx.holds.append({ type: 'placed', id: 'HOLD-2', covers: { room: roomId('!another') }, ...by }, null);
      return { value: null, audit: [{ action: 'hold.placed', outcome: 'ok', actor: ash }] };
    });
    at.put('m.room.tombstone', { replacement_room: bad }, '', '@admin:marlow.example');
    await changed(room, userId('@admin:marlow.example'), 'm.room.tombstone');
    await keeping.idle();
    expect([keeping.of(bad), alarms]).toEqual([null, ['room-upgrade-not-followed']]);
    at.put('m.room.tombstone', { replacement_room: good }, '', '@admin:marlow.example');
    await changed(room, userId('@admin:marlow.example'), 'm.room.tombstone');
    await keeping.idle();
    expect([keeping.of(good)?.state, keeping.of(room)?.state]).toEqual(['kept', 'replaced']);
    expect(keeper.at(good).membership(ash)).toBe('join');
    // A hold on the room holds what is said in its successor.
    const placed = foldHolds(await store.read.holds.events());
    expect(placed.map(({ covers: of }) => of)).toEqual([{ room, alsoRooms: [good] }, { room: '!another' }]);
  });

  it('does not follow an upgrade of a room of its own, in which it goes on to speak, and says so', async () => {
    const { world, keeper, keeping, changed, alarms } = await ward();
    world.rosterOf = ({ key }) => (key === 'account:X' ? { named: [ash], standsForRole: [ash] } : null);
    const [own, next] = [roomId('!own'), roomId('!next')];
    keeper.add(own, '12');
    keeper.add(next, '12', { predecessor: { room_id: own } });
    await keeping.keepOwn('account:X', own, subject({ class: 'on-call', name: 'On-call X', account: accountId('X') }));
    await keeping.idle();
    keeper.at(own).put('m.room.tombstone', { replacement_room: next }, '', '@admin:marlow.example');
    await changed(own, userId('@admin:marlow.example'), 'm.room.tombstone');
    await keeping.idle();
    expect([keeping.of(own)?.state, keeping.of(next), alarms]).toEqual(['kept', null, ['room-upgrade-not-followed']]);
  });

  it('tries again what the homeserver did not take, and changes nothing while the policy cannot be read', async () => {
    const { keeper, keeping, room, at, changed } = await ward();
    keeper.failure = { kind: 'retry', code: 'homeserver-unreachable' };
    at.put('m.room.topic', { topic: 'Zimmer' }, '', '@admin:marlow.example');
    await changed(room, userId('@admin:marlow.example'), 'm.room.topic');
    await keeping.idle();
    keeper.failure = null;
    const before = performance.now;
    performance.now = () => before.call(performance) + 3_000;
    try {
      await keeping.look();
    } finally {
      performance.now = before;
    }
    await keeping.idle();
    expect(at.content('m.room.topic')?.topic).toBe('');
  });

  it('lets whoever is on an account’s roster into its room, and nobody else without a role', async () => {
    const { world, keeper, keeping, changed } = await ward();
    world.rosterOf = ({ key }) => (key === 'account:X' ? { named: [rowan], standsForRole: [rowan] } : null);
    const room = roomId('!account');
    const at = keeper.add(room, '12');
    await keeping.keepOwn('account:X', room, subject({ class: 'on-call', name: 'On-call X', account: accountId('X') }));
    await keeping.idle();
    expect([at.membership(rowan), keeping.admits(room, rowan), keeping.admits(room, local('elm'))]).toEqual([
      'join',
      true,
      false,
    ]);
    // Members are told by the topic: a message would wake whoever is on call.
    expect(at.content('m.room.topic')?.topic).toMatch(/recorded.*deleted after 30 days/);
    // Forced in by who administers the homeserver.
    at.put('m.room.member', { membership: 'join' }, local('elm'), local('elm'));
    expect(keeping.readersOf(room, [BOT, rowan, local('elm')])).toEqual([BOT, rowan]);
    await changed(room, local('elm'), 'm.room.member', local('elm'), 'join');
    await keeping.idle();
    expect(at.membership(local('elm'))).toBe('leave');
    // A class that there is not is alarmed, and silences nobody.
    const odd = roomId('!odd');
    keeper.add(odd, '12');
    await keeping.keepOwn('account:Y', odd, subject({ class: 'no-such', name: 'On-call Y', account: accountId('Y') }));
    await keeping.idle();
    expect(keeping.readersOf(odd, [BOT, rowan])).toEqual([BOT, rowan]);
    // Off the roster, out of the room.
    world.rosterOf = () => ({ named: [], standsForRole: [] });
    keeping.rostersChanged();
    await keeping.idle();
    expect(at.membership(rowan)).toBe('leave');
  });

  it('tells of guests where they stay, once, and takes nobody out', async () => {
    const { world, keeper, keeping, changed, alarms } = await ward();
    world.facts = { ...world.facts, grants: [holds(ash, 'admin')] };
    world.rosterOf = ({ key }) => (key === 'control' ? { named: [ash], standsForRole: [], guestsStay: true } : null);
    const room = roomId('!control');
    const at = keeper.add(room, '12');
    at.put('m.room.member', { membership: 'join' }, rowan, rowan);
    world.now = NOW - 1;
    await keeping.look();
    await keeping.keepOwn('control', room, subject({ class: 'control', name: 'Wardroom control' }));
    for (let times = 0; times < 3; times += 1) {
      await keeping.idle();
      await changed(room, rowan, 'm.room.topic');
    }
    await keeping.idle();
    expect([at.membership(rowan), at.membership(ash), at.rotated]).toEqual(['join', 'join', 0]);
    expect(alarms).toEqual(['room-cannot-be-corrected']);
    expect(keeping.readersOf(room, [BOT, ash, rowan])).toEqual([BOT, ash, rowan]);
  });

  it('keeps nobody waiting for the homeserver to say who may read', async () => {
    const { keeper, keeping, world } = await ward();
    const [room] = [...keeper.byKey.values()] as [RoomId];
    const members = [BOT, ash, birch];
    const clinical = keeper.byKey.get('room-0') ?? room;
    expect(keeping.readersOf(clinical, members)).toEqual(members);
    world.facts = { ...world.facts, grants: [holds(ash, 'physician'), holds(birch, 'physician', NOW + 1000)] };
    world.now = NOW - 1;
    await keeping.look();
    await keeping.idle();
    expect(keeping.readersOf(clinical, members)).toEqual(members);
    // The role ends; nothing was looked at and nobody removed yet, and the same list is asked about.
    world.now = NOW + 1000;
    expect(keeping.readersOf(clinical, members)).toEqual([BOT, ash]);
  });
});
