import { Policies } from '../../src/flows/policies.ts';
import { Holds } from '../../src/flows/retention/holds.ts';
import { shownRooms } from '../../src/flows/rooms/roomAnswers.ts';
import { RoomDesk } from '../../src/flows/rooms/roomDesk.ts';
import { RoomOpening } from '../../src/flows/rooms/roomOpening.ts';
import { accountId, type RoomId, roomId, userId } from '../../src/kernel/ids.ts';
import type { Grant } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { BOT, holds, local, NOW } from '../policy/support.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { ash, birch, installation, policyOf, storeOn } from './controlRig.ts';
import { keepingOf, Rooms, subject } from './keeperRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(() =>
  bench.admin.query(
    `TRUNCATE wardroom.kept_rooms, wardroom.kept_rooms_told, wardroom.administrators, wardroom.command_answers, wardroom.confirmations,
              wardroom.policy_versions, wardroom.role_events, wardroom.audit_entries CASCADE`,
  ),
);
afterAll(() => bench?.close());

const [amsel, falk, rowan] = [local('amsel'), local('falk'), local('rowan')];

/** Two administrators at their control room; the hospital's rooms are at a homeserver in memory. */
async function ward() {
  const grants: Grant[] = [holds(amsel, 'physician'), holds(falk, 'nurse')];
  const world: Parameters<typeof keepingOf>[2] = { now: NOW, facts: { grants } };
  const keeper = new Rooms();
  const { keeping, ...rest } = keepingOf(store, keeper, world);
  await keeping.start();
  const clock = { now: () => world.now };
  const policies = new Policies({
    store,
    clock,
    file: policyOf(),
    preview: (policy) => shownRooms(keeping.preview(policy)),
  });
  await policies.importFirst();
  const flow = { store, clock, keeper, keeping };
  const here = installation(store, {
    clock,
    api: {
      policies,
      rooms: new RoomDesk({ ...flow, holds: new Holds(flow) }),
      newRooms: new RoomOpening({ ...flow, digest: (text) => `digest-of-${text.length}` }),
    },
  });
  await here.confirm(birch, ash);
  await here.confirm(ash, birch);
  const final = async (words: string, by = ash) => {
    const answer = await here.say(by, `!wr ${words}`);
    await keeping.idle();
    return answer;
  };
  return { ...here, ...rest, keeping, keeper, world, final };
}

describe('rooms by command', () => {
  it('are made, named, filled, shown and closed', async () => {
    const { final, keeper } = await ward();
    const made = await final('room create clinical 4 West 2');
    expect(made).toMatchObject({ outcome: 'ok', code: 'made', data: { class: 'clinical', name: '4 West 2' } });
    const room = made?.data.room_id as RoomId;
    const at = keeper.at(room);
    expect([amsel, falk, rowan].map((user) => at.membership(user))).toEqual(['join', 'join', undefined]);
    expect(at.content('m.room.name')?.name).toBe('4 West 2');
    expect((await final('room list'))?.data.rooms).toMatchObject([{ room_id: room, joined: 3, left_to_people: 0 }]);
    expect((await final('room show 4 west 2'))?.data).toMatchObject({ room_id: room, state: 'kept' });
    expect((await final(`room explain ${room}`))?.data).toMatchObject({ corrections: [] });

    const asked = await final('room close 4 West 2');
    expect(asked).toMatchObject({ outcome: 'confirm', data: { removed: [amsel, falk] } });
    expect(at.membership(amsel)).toBe('join');
    expect(await final(`confirm ${asked?.confirm}`)).toMatchObject({ outcome: 'ok', code: 'closed' });
    expect([amsel, falk, BOT].map((user) => at.membership(user))).toEqual(['leave', 'leave', 'join']);
    expect((await final('room list'))?.data.rooms).toEqual([]);
  });

  it('are refused with the reason: names that say something of a person, roles of other classes, people without a role, a name twice', async () => {
    const { final, keeper } = await ward();
    const code = async (words: string) => (await final(words))?.code;
    expect(await code('room create clinical Patient Miller')).toBe('name-personal');
    expect(await code('room create clinical 4 West --roles billing')).toBe('role-not-of-class');
    expect(await code(`room create consult Consult 1 --members ${rowan}`)).toBe('role-missing');
    expect(await code('room create clinic 4 West')).toBe('bad-argument');
    expect(await code('room show 9 East')).toBe('bad-argument');
    expect(await code('room explain !nowhere:marlow.example')).toBe('not-kept');
    expect(keeper.byKey.size).toBe(0);
    expect(await code('room create clinical 4 West')).toBe('made');
    expect(await code('room create clinical 4 WEST')).toBe('name-taken');
  });

  it('that somebody else made are adopted, after asking where that takes people out', async () => {
    const { final, keeper } = await ward();
    const theirs = roomId('!theirs');
    const at = keeper.add(theirs, '11');
    at.put('m.room.power_levels', { users: { [BOT]: 100 } });
    at.put('m.room.name', { name: 'Mrs Miller, room 12' }, '', amsel);
    for (const user of [amsel, rowan]) at.put('m.room.member', { membership: 'join' }, user, user);
    const asked = await final(`room adopt ${theirs} clinical`);
    expect(asked).toMatchObject({ outcome: 'confirm', code: 'removes-people', data: { removed: [rowan] } });
    expect([at.membership(rowan), at.content('m.room.encryption')]).toEqual(['join', null]);
    const adopted = await final(`confirm ${asked?.confirm}`);
    expect(adopted).toMatchObject({ outcome: 'ok', code: 'adopted', data: { room_id: theirs } });
    expect([at.membership(rowan), at.membership(amsel)]).toEqual(['leave', 'join']);
    expect(at.content('m.room.encryption')).not.toBeNull();
    expect(String(at.content('m.room.name')?.name)).toMatch(/^Clinical [0-9a-f]{8}$/);
    expect((await final(`room adopt ${theirs} clinical`))?.code).toBe('kept-already');
  });

  it('have people brought in by name, if the policy lets them in, and taken off the list', async () => {
    const { final, keeper } = await ward();
    const room = (await final('room create consult Consult 1'))?.data.room_id as RoomId;
    expect(keeper.at(room).membership(amsel)).toBeUndefined();
    expect(await final(`room add ${amsel} Consult 1`)).toMatchObject({ outcome: 'ok', data: { named: [amsel] } });
    expect(keeper.at(room).membership(amsel)).toBe('join');
    expect((await final(`room add ${rowan} Consult 1`))?.code).toBe('role-missing');
    expect((await final(`room add ${userId('@guest:nowhere.example')} Consult 1`))?.outcome).toBe('refused');
    expect(await final(`room remove ${amsel} Consult 1`)).toMatchObject({ outcome: 'ok', data: { named: [] } });
    expect(keeper.at(room).membership(amsel)).toBe('leave');
    expect((await final(`room remove ${amsel} Consult 1`))?.code).toBe('not-named');
  });

  it('of Wardroom’s own are shown, and neither closed nor filled by command', async () => {
    const { final, keeper, keeping, world } = await ward();
    world.rosterOf = ({ key }) => (key === 'account:X' ? { named: [amsel], standsForRole: [amsel] } : null);
    const own = roomId('!own');
    keeper.add(own, '12');
    await keeping.keepOwn('account:X', own, subject({ class: 'on-call', name: 'On-call X', account: accountId('X') }));
    await keeping.idle();
    expect((await final('room show On-call X'))?.data).toMatchObject({ account: 'X', room_id: own });
    for (const words of [`room close ${own}`, `room add ${falk} ${own}`, `room remove ${amsel} ${own}`])
      expect((await final(words))?.code).toBe('own-room');
  });

  it('show what a change of the policy would do to each of them before it is confirmed', async () => {
    const { final, keeper } = await ward();
    const room = (await final('room create clinical 4 West'))?.data.room_id as RoomId;
    const asked = await final('policy set classes.clinical.roles [physician]');
    expect(asked?.data.corrections).toMatchObject([
      {
        room_id: room,
        name: '4 West',
        class: 'clinical',
        steps: expect.arrayContaining([expect.objectContaining({ step: 'kick', user: falk })]),
      },
    ]);
    expect(keeper.at(room).membership(falk)).toBe('join');
  });

  it('that the homeserver does not make are not made later, when nobody expects them', async () => {
    const { final, keeper, keeping } = await ward();
    keeper.failure = { kind: 'retry', code: 'homeserver-unreachable' };
    expect(await final('room create clinical 4 West')).toMatchObject({
      outcome: 'failed',
      code: 'homeserver-unreachable',
    });
    keeper.failure = null;
    expect(keeping.all().filter(({ subject, state }) => subject.kind === 'room' && state === 'kept')).toEqual([]);
    expect(await final('room create clinical 4 West')).toMatchObject({ outcome: 'ok' });
  });

  it('of opaque names say nothing, and a patient is kept as a digest', async () => {
    const { final, keeper, keeping } = await ward();
    const made = await final('room create patient-text anything --patient P-1003');
    const room = made?.data.room_id as RoomId;
    expect(String(keeper.at(room).content('m.room.name')?.name)).toMatch(/^Texts [0-9a-f]{8}$/);
    expect(keeping.of(room)?.subject).toMatchObject({ patient: 'digest-of-6' });
    const { rows } = await bench.pool.query('SELECT subject::text FROM wardroom.kept_rooms');
    expect(JSON.stringify(rows)).not.toContain('P-1003');
  });
});
