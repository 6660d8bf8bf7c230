import { type RoomId, roomId, type UserId, userId } from '../../src/kernel/ids.ts';
import { err, ok } from '../../src/kernel/result.ts';
import { ControlRooms } from '../../src/server/controlRooms.ts';

const [ash, birch, guest] = ['@ash:example', '@birch:example', '@guest:example'].map(userId) as [
  UserId,
  UserId,
  UserId,
];
const [control, audit, privacy] = [roomId('!control:example'), roomId('!audit:example'), roomId('!privacy:example')];

/** Three rooms in memory, who may give commands, and the officers. */
function site() {
  const people = new Map<RoomId, Set<UserId>>();
  const state = { answers: true, calls: 0, members: [ash] as readonly UserId[], former: [] as readonly UserId[] };
  const officers = { now: [] as readonly UserId[], former: [] as readonly UserId[] };
  const ensure = (room: RoomId) => async (members: readonly UserId[]) => {
    state.calls += 1;
    if (!state.answers) return err({ kind: 'retry', code: 'homeserver-unreachable' } as const);
    people.set(room, new Set([...(people.get(room) ?? []), ...members]));
    return ok(room);
  };
  const rooms = new ControlRooms(
    {
      ensureControlRoom: ensure(control),
      ensureAuditRoom: ensure(audit),
      ensurePrivacyRoom: ensure(privacy),
      people: async (room) => ok([...(people.get(room) ?? [])]),
      async remove(room, user) {
        people.get(room)?.delete(user);
        return ok(undefined);
      },
    },
    {
      members: () => state.members,
      former: () => state.former,
      officers: () => officers.now,
      formerOfficers: () => officers.former,
    },
  );
  const within = () => [control, audit].map((room) => [...(people.get(room) ?? [])].sort());
  return { rooms, state, officers, people, within };
}

describe('the rooms for commands and the log', () => {
  it('have whoever may give commands in them, and nobody who may not any more; guests stay', async () => {
    const { rooms, state, people, within } = site();
    expect(rooms.ids).toBeNull();
    await rooms.open();
    people.get(control)?.add(guest);
    state.members = [ash, birch];
    expect(await rooms.keep()).toBe(true);
    expect(within()).toEqual([
      [ash, birch, guest],
      [ash, birch],
    ]);
    [state.members, state.former] = [[birch], [ash]];
    await rooms.keep();
    expect(within()).toEqual([[birch, guest], [birch]]);
  });

  it('are apart from the one of privacy and security officers, who need not give commands', async () => {
    const { rooms, officers, people, within } = site();
    await rooms.open();
    officers.now = [birch];
    expect(await rooms.keep()).toBe(true);
    expect([...(people.get(privacy) ?? [])]).toEqual([birch]);
    expect(within()).toEqual([[ash], [ash]]);
    [officers.now, officers.former] = [[], [birch]];
    expect(await rooms.keep()).toBe(true);
    expect([...(people.get(privacy) ?? [])]).toEqual([]);
  });

  it('are not touched while nothing changes', async () => {
    const { rooms, state } = site();
    await rooms.open();
    const { calls } = state;
    expect(await rooms.keep()).toBe(false);
    expect(state.calls).toBe(calls);
  });

  it('are kept at a later look when the homeserver did not answer', async () => {
    const { rooms, state, within } = site();
    state.answers = false;
    expect(await rooms.open()).toMatchObject({ ok: false, error: { code: 'homeserver-unreachable' } });
    expect(rooms.ids).toBeNull();
    state.answers = true;
    await rooms.open();
    state.answers = false;
    state.members = [ash, birch];
    expect(await rooms.keep()).toBe(false);
    state.answers = true;
    expect(await rooms.keep()).toBe(true);
    expect(within()).toEqual([
      [ash, birch],
      [ash, birch],
    ]);
  });
});
