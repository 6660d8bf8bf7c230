import fc from 'fast-check';
import { type UserId, userId } from '../../src/kernel/ids.ts';
import type { Correction } from '../../src/policy/correction.ts';
import { decide } from '../../src/policy/decide.ts';
import type { ObservedRoom, StateEvent } from '../../src/policy/observedRoom.ts';
import { grantsOfSpace, newSpace, planSpace, type RoleSpaceFacts, spaceMembers } from '../../src/policy/roleSpace.ts';
import { aRoomId, Homeserver, state } from './homeserver.ts';
import { agreement, BOT, factsOf, holds, local, NOW, OWN } from './support.ts';

const fenn = local('fenn');
const quist = local('quist');
const gone = local('gone');
const osei = userId('@osei:partner.example');
const theirs = userId('@nobody-we-know:partner.example');
const mirror = userId('@wardroom:partner.example');
const stranger = userId('@eve:stranger.example');

const spaceFacts = (space: Partial<RoleSpaceFacts['space']> = {}, until = '2027-12-31'): RoleSpaceFacts => ({
  ...factsOf({
    grants: [holds(fenn, 'physician'), holds(quist, 'nurse'), holds(gone, 'physician', NOW), holds(osei, 'physician')],
    agreements: [agreement('partner.example', ['consult'], until)],
  }),
  space: { role: 'physician', server: OWN, mirror: null, ...space },
});

const partner = { server: 'partner.example' };
const mirrored = { server: 'partner.example', mirror };

const member = (user: UserId, membership = 'join') => state('m.room.member', { membership }, user, user);

function made(facts: RoleSpaceFacts, members: readonly UserId[], version: '11' | '12' = '12'): ObservedRoom {
  const { state: initial } = newSpace(facts, version);
  return {
    roomId: aRoomId,
    state: [
      state('m.room.create', { room_version: version, type: 'm.space' }),
      ...[BOT, ...members].map((user) => member(user)),
      ...initial.map(({ type, stateKey, content }) => state(type, content, stateKey)),
    ],
  };
}

const withState = (room: ObservedRoom, ...events: readonly StateEvent[]): ObservedRoom => ({
  ...room,
  state: [
    ...room.state.filter(
      (old) => !events.some(({ type, state_key: key }) => old.type === type && old.state_key === key),
    ),
    ...events,
  ],
});

const shown = (steps: readonly Correction[]) =>
  steps.map((step) => [step.kind, 'user' in step ? step.user : 'type' in step ? step.type : ''].join(' ').trim());

const apply = (room: ObservedRoom, steps: readonly Correction[]): ObservedRoom => {
  const server = new Homeserver(room, BOT);
  for (const step of steps) server.take(step);
  return server.room();
};

describe.each(['11', '12'] as const)('the space of a role, of version %s', (version) => {
  it('holds who holds the role, and needs nothing then', () => {
    const facts = spaceFacts();
    expect(spaceMembers(facts)).toEqual([fenn]);
    expect(planSpace(made(facts, [fenn], version), facts)).toEqual([]);
    expect(newSpace(facts).federate).toBe(false);
  });

  it('gets who holds the role, and loses who does not', () => {
    const facts = spaceFacts();
    const room = made(facts, [quist, gone, osei, stranger], version);
    const steps = planSpace(room, facts);
    expect(shown(steps)).toEqual([`kick ${stranger}`, `kick ${gone}`, `kick ${osei}`, `kick ${quist}`, `join ${fenn}`]);
    expect(planSpace(apply(room, steps), facts)).toEqual([]);
  });

  it.each<[string, StateEvent]>([
    ['m.room.join_rules', state('m.room.join_rules', { join_rule: 'public' })],
    ['m.room.history_visibility', state('m.room.history_visibility', { history_visibility: 'world_readable' })],
    ['m.room.guest_access', state('m.room.guest_access', { guest_access: 'can_join' })],
    ['m.room.server_acl', state('m.room.server_acl', { allow: ['*'] })],
    ['m.room.name', state('m.room.name', { name: 'x' })],
    ['m.room.power_levels', state('m.room.power_levels', { users: { [BOT]: 100 }, invite: 0 })],
  ])('opens no door: %s', (type, event) => {
    const facts = spaceFacts();
    const content = version === '12' && type === 'm.room.power_levels' ? { invite: 0 } : event.content;
    const room = withState(made(facts, [fenn], version), { ...event, content });
    const steps = planSpace(room, facts);
    expect(shown(steps)).toEqual([`set-state ${type}`]);
    expect(planSpace(apply(room, steps), facts)).toEqual([]);
  });

  it('of a partner holds those of its people who were granted the role here', () => {
    const facts = spaceFacts(partner);
    const room = made(facts, [theirs, fenn], version);
    const steps = planSpace(room, facts);
    expect(shown(steps)).toEqual([`kick ${fenn}`, `kick ${theirs}`, `invite ${osei}`]);
    expect(planSpace(apply(room, steps), facts)).toEqual([]);
    expect(newSpace(facts).federate).toBe(true);
  });

  it("of a partner with a Wardroom is filled by it: its people, nobody else's", () => {
    const facts = spaceFacts(mirrored);
    const room = made(facts, [theirs, stranger, fenn], version);
    const steps = planSpace(room, facts);
    expect(shown(steps)).toEqual([`kick ${stranger}`, `kick ${fenn}`, `invite ${mirror}`]);
    const power = room.state.find(({ type }) => type === 'm.room.power_levels')?.content;
    expect(power).toMatchObject({ invite: 50, kick: 50, ban: 100, state_default: 100, users: { [mirror]: 50 } });
    expect(planSpace(apply(room, steps), facts)).toEqual([]);
  });

  it('of a partner whose agreement lapsed is emptied, its Wardroom too, and its server is shut out last', () => {
    const before = spaceFacts(mirrored);
    const lapsed = spaceFacts(mirrored, '2026-11-26');
    const room = made(before, [mirror, theirs, osei], version);
    const steps = planSpace(room, lapsed);
    expect(shown(steps)).toEqual([
      'set-state m.room.power_levels',
      `kick ${theirs}`,
      `kick ${osei}`,
      `kick ${mirror}`,
      'set-state m.room.server_acl',
    ]);
    expect(planSpace(apply(room, steps), lapsed)).toEqual([]);
  });
});

describe('the people whom a partner answers for', () => {
  const join = (user: UserId, facts: RoleSpaceFacts, room: ObservedRoom) =>
    decide(
      { kind: 'join', user, room: { class: 'consult', roles: [] } },
      { ...facts, grants: grantsOfSpace(room, facts) },
    );

  it('hold the role here while they are in the mirrored space, and nobody else does', () => {
    const facts = spaceFacts(mirrored);
    const room = withState(made(facts, [mirror, theirs, stranger, fenn]), member(osei, 'invite'));
    expect(grantsOfSpace(room, facts).map(({ user, role, by }) => [user, role, by])).toEqual([
      [theirs, 'physician', mirror],
    ]);
    expect(join(theirs, facts, room)).toEqual([]);
    expect(join(osei, facts, room)).toHaveLength(1);
    expect(join(theirs, facts, withState(room, member(theirs, 'leave')))).toHaveLength(1);
  });

  it('hold nothing where the space is not mirrored, the agreement lapsed, or the role is for this hospital only', () => {
    const room = made(spaceFacts(mirrored), [mirror, theirs]);
    expect(grantsOfSpace(room, spaceFacts(partner))).toEqual([]);
    expect(grantsOfSpace(room, spaceFacts(mirrored, '2026-11-26'))).toEqual([]);
    expect(grantsOfSpace(room, spaceFacts({ ...mirrored, role: 'admin' }))).toEqual([]);
  });
});

describe('any plan of a space', () => {
  it('removes nobody who holds the role, nor the bot, never shuts out our own server, and is done once it is taken', () => {
    const users = [fenn, quist, gone, osei, theirs, mirror, stranger, BOT];
    const memberships = fc.dictionary(
      fc.constantFrom(...users.slice(0, -1)),
      fc.constantFrom('join', 'invite', 'knock', 'ban', 'leave'),
    );
    const levels = fc.dictionary(
      fc.constantFrom(...users),
      fc.constantFrom<unknown>(0, 50, 100, 101, -1, 1.5, Number.NaN, '100', null, {}),
    );
    const space = fc.constantFrom({}, partner, mirrored);
    const until = fc.constantFrom('2026-11-26', '2027-12-31');
    fc.assert(
      fc.property(memberships, levels, space, until, fc.boolean(), (who, power, of, end, dirty) => {
        const facts = spaceFacts(of, end);
        const room = withState(
          made(facts, [], '11'),
          ...Object.entries(who).map(([user, membership]) => member(userId(user), membership)),
          ...(dirty ? [state('m.room.power_levels', { users: power })] : []),
        );
        const steps = planSpace(room, facts);
        const held = spaceMembers(facts);
        for (const step of steps) {
          if (step.kind === 'kick') expect([BOT, ...held]).not.toContain(step.user);
          if (step.kind === 'set-state' && step.type === 'm.room.server_acl') expect(step.content.allow).toContain(OWN);
        }
        const left = planSpace(apply(room, steps), facts);
        expect(left.filter(({ kind }) => kind !== 'cannot-correct')).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
