import fc from 'fast-check';
import { roomId, type UserId, userId } from '../../src/kernel/ids.ts';
import type { Correction } from '../../src/policy/correction.ts';
import { newRoom } from '../../src/policy/newRoom.ts';
import type { ObservedRoom, StateEvent } from '../../src/policy/observedRoom.ts';
import { plan } from '../../src/policy/plan.ts';
import { upkeep } from '../../src/policy/upkeep/index.ts';
import type { ManagedRoom, RoomFacts } from '../../src/policy/upkeepRule.ts';
import { aRoomId, Homeserver, state } from './homeserver.ts';
import { agreement, BOT, factsOf, holds, local, NOW, OWN, policyOf, VOICE } from './support.ts';

const fenn = local('fenn');
const quist = local('quist');
const biller = local('biller');
const gone = local('gone');
const outside = userId('@osei:partner.example');
const stranger = userId('@eve:stranger.example');
const space = roomId('!physicians');
const partnerSpace = roomId('!partner-physicians');

const managed = (over: Partial<ManagedRoom> = {}): ManagedRoom => ({
  class: 'consult',
  roles: [],
  name: '4 West',
  named: [fenn, quist],
  voices: [VOICE],
  replacedBy: null,
  ...over,
});

const roomFacts = (room: Partial<ManagedRoom> = {}, over: Partial<RoomFacts> = {}): RoomFacts => ({
  ...factsOf({
    grants: [
      holds(fenn, 'physician'),
      holds(quist, 'nurse'),
      holds(biller, 'billing'),
      holds(gone, 'physician', NOW),
      holds(outside, 'physician'),
      holds(stranger, 'physician'),
    ],
    agreements: [agreement('partner.example', ['consult'])],
  }),
  roleSpaces: [
    { role: 'physician', server: OWN, roomId: space },
    { role: 'physician', server: 'partner.example', roomId: partnerSpace },
    { role: 'billing', server: OWN, roomId: roomId('!billing') },
  ],
  ...over,
  room: managed(room),
});

type Version = 11 | 12;
const facts = roomFacts();

/** A room as Wardroom makes it, with everybody in it who is to be. */
function rightRoom(version: Version, of: RoomFacts = facts): ObservedRoom {
  const policy = policyOf(`classes: { ${of.room.class}: { room_version: ${version} } }`);
  const made = newRoom({ ...of, policy });
  if (made?.version !== String(version)) throw new Error('the room was made in another version');
  return {
    roomId: aRoomId,
    state: [
      state('m.room.create', { room_version: made.version, 'm.federate': made.federate }),
      ...[BOT, VOICE, ...of.room.named].map((user) => state('m.room.member', { membership: 'join' }, user, user)),
      ...made.state.map(({ type, stateKey, content }) => state(type, content, stateKey)),
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

const contentOf = (room: ObservedRoom, type: string): Record<string, unknown> =>
  (room.state.find((event) => event.type === type)?.content ?? {}) as Record<string, unknown>;

/** The power levels with some of them changed. */
const power = (
  room: ObservedRoom,
  change: Record<string, unknown>,
  users: Record<string, unknown> = {},
): ObservedRoom => {
  const content = contentOf(room, 'm.room.power_levels');
  return withState(
    room,
    state('m.room.power_levels', { ...content, users: { ...(content.users as object), ...users }, ...change }),
  );
};

const member = (user: UserId, membership: string, sender: string = user) =>
  state('m.room.member', { membership }, user, sender);

const shown = (steps: readonly Correction[]): string[] =>
  steps.map((step) => {
    switch (step.kind) {
      case 'set-state':
        return `set ${step.type}`;
      case 'kick':
      case 'join':
      case 'invite':
      case 'unban':
        return `${step.kind} ${step.user}`;
      case 'cannot-correct':
        return `cannot: ${step.why}${step.user === undefined ? '' : ` ${step.user}`}`;
      default:
        return step.kind;
    }
  });

/** Takes all steps of a plan, as a homeserver would; what it refuses fails the test. */
function apply(room: ObservedRoom, steps: readonly Correction[]): ObservedRoom {
  const server = new Homeserver(room, BOT);
  for (const step of steps) server.take(step);
  return server.room();
}

const possible = (steps: readonly Correction[]) => steps.filter(({ kind }) => kind !== 'cannot-correct');

describe.each([11, 12] as const)('a room of version %d', (version) => {
  const right = rightRoom(version);

  it('in which nothing is wrong needs nothing', () => {
    expect(plan(right, facts)).toEqual([]);
  });

  it('of any class is made so that nothing needs to be corrected', () => {
    for (const name of Object.keys(facts.policy.classes)) {
      const of = roomFacts({ class: name, named: [] });
      const kinds = plan(rightRoom(version, of), of).map(({ kind }) => kind);
      expect([name, kinds.filter((kind) => kind !== 'join' && kind !== 'invite')]).toEqual([name, []]);
    }
  });

  const faults: readonly [string, ObservedRoom, readonly string[]][] = [
    [
      'encryption gone',
      { ...right, state: right.state.filter(({ type }) => type !== 'm.room.encryption') },
      ['set m.room.encryption'],
    ],
    ['encryption emptied', withState(right, state('m.room.encryption', {})), ['set m.room.encryption']],
    [
      'keys that never change',
      withState(
        right,
        state('m.room.encryption', { ...contentOf(right, 'm.room.encryption'), rotation_period_msgs: 100_000 }),
      ),
      ['set m.room.encryption'],
    ],
    ['a public room', withState(right, state('m.room.join_rules', { join_rule: 'public' })), ['set m.room.join_rules']],
    ['knocking', withState(right, state('m.room.join_rules', { join_rule: 'knock' })), ['set m.room.join_rules']],
    [
      'a space of somebody else that lets in',
      withState(
        right,
        state('m.room.join_rules', {
          join_rule: 'restricted',
          allow: [
            ...(contentOf(right, 'm.room.join_rules').allow as object[]),
            { type: 'm.room_membership', room_id: '!evil' },
          ],
        }),
      ),
      ['set m.room.join_rules'],
    ],
    [
      'history for the world',
      withState(right, state('m.room.history_visibility', { history_visibility: 'world_readable' })),
      ['set m.room.history_visibility'],
    ],
    [
      'history for who comes later',
      withState(right, state('m.room.history_visibility', { history_visibility: 'shared' })),
      ['set m.room.history_visibility'],
    ],
    [
      'guests',
      withState(right, state('m.room.guest_access', { guest_access: 'can_join' })),
      ['set m.room.guest_access'],
    ],
    [
      'no server list',
      { ...right, state: right.state.filter(({ type }) => type !== 'm.room.server_acl') },
      ['set m.room.server_acl'],
    ],
    [
      'a server list that lets all in',
      withState(right, state('m.room.server_acl', { allow: ['*'], deny: [] })),
      ['set m.room.server_acl'],
    ],
    [
      'a server list that shuts out our own',
      withState(right, state('m.room.server_acl', { ...contentOf(right, 'm.room.server_acl'), deny: [OWN] })),
      ['set m.room.server_acl'],
    ],
    ['members who may invite', power(right, { invite: 0 }), ['set m.room.power_levels']],
    ['members who may change the room', power(right, { state_default: 0 }), ['set m.room.power_levels']],
    [
      'members who may change one thing',
      power(right, { events: { 'm.room.retention': 0 } }),
      ['set m.room.power_levels'],
    ],
    ['a member with power', power(right, {}, { [fenn]: 75 }), ['set m.room.power_levels']],
    ['a voice without power', power(right, {}, { [VOICE]: 0 }), ['set m.room.power_levels']],
    ['everybody with power', power(right, { users_default: 50 }), ['set m.room.power_levels']],
    [
      'a name about a person',
      withState(right, state('m.room.name', { name: 'Mr. Hale, chest pain' })),
      ['set m.room.name'],
    ],
    ['no name', { ...right, state: right.state.filter(({ type }) => type !== 'm.room.name') }, ['set m.room.name']],
    ['a topic', withState(right, state('m.room.topic', { topic: 'Mr. Hale' })), ['set m.room.topic']],
    [
      'a topic in another form',
      withState(right, state('m.room.topic', { topic: '', 'm.topic': { 'm.text': [{ body: 'Mr. Hale' }] } })),
      ['set m.room.topic'],
    ],
    ['a picture', withState(right, state('m.room.avatar', { url: 'mxc://x/y' })), ['set m.room.avatar']],
    [
      'an alias',
      withState(right, state('m.room.canonical_alias', { alias: '#hale:marlow.example' })),
      ['set m.room.canonical_alias'],
    ],
    ['an alias in the directory', { ...right, aliases: ['#hale:marlow.example'] }, ['delete-alias']],
    ['listed in the directory', { ...right, listed: true }, ['unlist']],
    [
      'a widget',
      withState(right, state('im.vector.modular.widgets', { url: 'https://evil.example' }, 'w1')),
      ['set im.vector.modular.widgets'],
    ],
    [
      'an invitation by mail',
      withState(right, state('m.room.third_party_invite', { display_name: 'x' }, 'token')),
      ['set m.room.third_party_invite'],
    ],
    [
      "somebody else's policy server",
      withState(right, state('m.room.policy', { via: 'evil.example' })),
      ['set m.room.policy'],
    ],
    [
      'a retention that blanks it',
      withState(right, state('m.room.retention', { max_lifetime: 1000 })),
      ['set m.room.retention'],
    ],
    ['billing in it', withState(right, member(biller, 'join')), [`kick ${biller}`, 'rotate-sessions']],
    ['whose role ended', withState(right, member(gone, 'join')), [`kick ${gone}`, 'rotate-sessions']],
    [
      'somebody without a role',
      withState(right, member(local('nobody'), 'join')),
      [`kick ${local('nobody')}`, 'rotate-sessions'],
    ],
    ['a stranger from elsewhere', withState(right, member(stranger, 'join')), [`kick ${stranger}`, 'rotate-sessions']],
    ['an invitation to somebody without a role', withState(right, member(biller, 'invite', fenn)), [`kick ${biller}`]],
    ['somebody without a role who knocks', withState(right, member(biller, 'knock')), [`kick ${biller}`]],
    ['somebody who is to be in it and is not', withState(right, member(quist, 'leave', BOT)), [`join ${quist}`]],
    [
      'somebody banned who is to be in it',
      withState(right, member(quist, 'ban', BOT)),
      [`unban ${quist}`, `join ${quist}`],
    ],
    ['a voice that is not in it', withState(right, member(VOICE, 'leave')), [`join ${VOICE}`]],
    ['a voice that is banned', withState(right, member(VOICE, 'ban', BOT)), [`unban ${VOICE}`, `join ${VOICE}`]],
    ['a replacement', withState(right, state('m.room.tombstone', { replacement_room: '!new' })), ['follow-upgrade']],
    [
      'a replacement that is none',
      withState(right, state('m.room.tombstone', { body: 'gone' })),
      ['cannot: no-replacement'],
    ],
    [
      'a widget of a person',
      withState(right, state('im.vector.modular.widgets', { url: 'x' }, fenn, fenn)),
      ['cannot: state-of-another'],
    ],
  ];

  it.each(faults)('with one fault, %s, is corrected by what is against it and nothing else', (_, room, expected) => {
    const steps = plan(room, facts);
    expect(shown(steps)).toEqual(expected);
    expect(steps.every(({ regulation, fault, rule }) => regulation !== '' && fault !== '' && rule !== '')).toBe(true);
    const followed = steps.find((step) => step.kind === 'follow-upgrade');
    const after = followed ? roomFacts({ replacedBy: followed.replacement }) : facts;
    expect(possible(plan(apply(room, steps), after))).toEqual([]);
  });

  it('leaves who is in order alone: partners in time, voices of other rooms, who is invited', () => {
    const other = local('wardroom_other');
    const of = roomFacts({}, { voices: [VOICE, other] });
    const room = withState(right, member(outside, 'join'), member(other, 'join'), member(quist, 'invite', BOT));
    expect(plan(room, of)).toEqual([]);
  });

  it('does not bring back who left by themselves, unless somebody named them', () => {
    const automatic = policyOf('classes: { consult: { membership: automatic } }');
    const left = withState(right, member(quist, 'leave'));
    expect(
      shown(plan(left, roomFacts({ named: [fenn] }, { policy: automatic })).filter(({ kind }) => kind === 'join')),
    ).toEqual([]);
    expect(shown(plan(left, facts))).toEqual([`join ${quist}`]);
  });

  it('of a class that is automatic gets whoever holds a role of it; partners are invited', () => {
    const automatic = policyOf('classes: { consult: { membership: automatic } }');
    const of = roomFacts({ named: [] }, { policy: automatic });
    expect(shown(plan(rightRoom(version, of), of))).toEqual([`join ${fenn}`, `join ${quist}`, `invite ${outside}`]);
    const nurses = roomFacts({ named: [], roles: ['nurse'] }, { policy: automatic });
    expect(shown(plan(rightRoom(version, nurses), nurses))).toEqual([`join ${quist}`]);
  });

  it('lets in through the spaces of its roles only, and those of partners only while an agreement holds', () => {
    expect(contentOf(right, 'm.room.join_rules')).toEqual({
      join_rule: 'restricted',
      allow: [
        { type: 'm.room_membership', room_id: partnerSpace },
        { type: 'm.room_membership', room_id: space },
      ],
    });
  });

  it('of a partner whose agreement lapsed loses its people, its space and its server, in that order of steps', () => {
    const lapsed = roomFacts({}, { agreements: [agreement('partner.example', ['consult'], '2026-11-26')] });
    const steps = plan(withState(right, member(outside, 'join')), lapsed);
    expect(shown(steps)).toEqual([
      'set m.room.join_rules',
      `kick ${outside}`,
      'rotate-sessions',
      'set m.room.server_acl',
      // Nobody is there any more who would purge by it.
      'set m.room.retention',
    ]);
    expect(steps.find((step) => step.kind === 'set-state' && step.type === 'm.room.server_acl')).toMatchObject({
      content: { allow: [OWN], deny: [], allow_ip_literals: false },
    });
  });

  it('where the bot is not joined is left to a person', () => {
    for (const membership of ['leave', 'ban', 'invite']) {
      expect(shown(plan(withState(right, member(BOT, membership)), facts))).toEqual(['cannot: bot-not-in-room']);
    }
  });

  it('whose class there is not is left to a person', () => {
    for (const name of ['moon', '__proto__', 'constructor']) {
      expect(shown(plan(right, roomFacts({ class: name })))).toEqual(['cannot: class-unknown']);
    }
  });

  it('that was replaced is still kept, and nobody is brought into it', () => {
    const replaced = roomFacts({ replacedBy: roomId('!new') });
    const room = withState(
      right,
      state('m.room.tombstone', { replacement_room: '!new' }),
      member(quist, 'leave', BOT),
      member(biller, 'join'),
    );
    expect(shown(plan(room, replaced))).toEqual([`kick ${biller}`, 'rotate-sessions']);
  });

  it('gives who may write the power to where not all may, before they are there', () => {
    const chief = local('chief');
    const of = roomFacts(
      { class: 'announcement', named: [fenn] },
      { grants: [...facts.grants, holds(chief, 'manager')] },
    );
    const room = rightRoom(version, of);
    expect(contentOf(room, 'm.room.power_levels')).toMatchObject({
      events_default: 10,
      users: { [chief]: 10 },
      events: { 'm.reaction': 0 },
    });
    const steps = plan(room, of);
    expect(shown(steps).slice(0, 1)).toEqual([`join ${biller}`]);
    expect(plan(apply(room, steps), of)).toEqual([]);
  });
});

describe('power', () => {
  const eleven = rightRoom(11);
  const twelve = rightRoom(12);

  it('of version 11 lists the bot, of version 12 never its creator', () => {
    expect(contentOf(eleven, 'm.room.power_levels').users).toEqual({ [BOT]: 100, [VOICE]: 50 });
    expect(contentOf(twelve, 'm.room.power_levels').users).toEqual({ [VOICE]: 50 });
  });

  it('as much as the bot has cannot be taken away: the rest is corrected, and it is said', () => {
    const room = withState(power(eleven, { invite: 0 }, { [biller]: 100 }), member(biller, 'join'));
    const steps = plan(room, facts);
    expect(shown(steps)).toEqual([
      'set m.room.power_levels',
      `cannot: power-above-ours ${biller}`,
      `cannot: power-above-ours ${biller}`,
    ]);
    const after = apply(room, steps);
    expect(contentOf(after, 'm.room.power_levels')).toMatchObject({ invite: 100, users: { [biller]: 100 } });
    expect(possible(plan(after, facts))).toEqual([]);
  });

  it('that the bot lacks is said once, and what it can do it does', () => {
    const room = power(eleven, { state_default: 50, events: {}, invite: 0 }, { [BOT]: 60 });
    const steps = plan(withState(room, state('m.room.topic', { topic: 'Mr. Hale' })), facts);
    expect(shown(steps)).toEqual(['set m.room.topic', 'cannot: power-missing']);
    expect(possible(plan(apply(room, plan(room, facts)), facts))).toEqual([]);
  });

  it('that the bot has none of leaves all of it to a person', () => {
    const room = withState(
      power(eleven, {}, { [BOT]: 0 }),
      state('m.room.join_rules', { join_rule: 'public' }),
      member(biller, 'join'),
    );
    expect(possible(plan(room, facts))).toEqual([]);
    expect(shown(plan(room, facts))).toContain('cannot: power-missing');
  });

  it('of somebody else who made a room of version 12 has no end: it is said, and so that they cannot be removed', () => {
    const made = { room_version: '12', additional_creators: [BOT, biller] };
    const room = withState(twelve, state('m.room.create', made, '', '@founder:marlow.example'), member(biller, 'join'));
    const steps = shown(plan(room, facts));
    expect(steps).toContain('cannot: creator-has-all-power @founder:marlow.example');
    expect(steps).toContain(`cannot: creator-has-all-power ${biller}`);
    expect(steps).toContain(`cannot: power-above-ours ${biller}`);
    expect(contentOf(apply(room, plan(room, facts)), 'm.room.power_levels').users).toEqual({ [VOICE]: 50 });
  });

  it('of a bot that did not make the room of version 12 is by its level', () => {
    const room = withState(
      twelve,
      state('m.room.create', { room_version: '12' }, '', '@founder:marlow.example'),
      state('m.room.power_levels', { users: { [BOT]: 100 } }),
    );
    const steps = plan(room, facts);
    expect(shown(steps)).toEqual(['set m.room.power_levels', 'cannot: creator-has-all-power @founder:marlow.example']);
    expect(contentOf(apply(room, steps), 'm.room.power_levels').users).toEqual({ [BOT]: 100, [VOICE]: 50 });
  });

  it('above what it needs is never given up', () => {
    const room = power(eleven, {}, { [BOT]: 150, [biller]: 120 });
    const steps = plan(room, facts);
    expect(contentOf(apply(room, steps), 'm.room.power_levels').users).toEqual({ [BOT]: 150, [VOICE]: 50 });
  });

  it('that the bot has only as one of all is not taken from all: it would lose its own', () => {
    const { users: _, ...rest } = contentOf(eleven, 'm.room.power_levels');
    const room = (users_default: number) => withState(eleven, state('m.room.power_levels', { ...rest, users_default }));
    expect(shown(plan(room(99), facts))).toEqual(['cannot: power-missing']);
    const steps = plan(room(100), facts);
    expect(contentOf(apply(room(100), steps), 'm.room.power_levels')).toMatchObject({
      users_default: 0,
      users: { [BOT]: 100 },
    });
  });

  it('written as a text counts in the old versions that took it, and nowhere else', () => {
    const texts = { users: { [BOT]: '100' }, state_default: '50', invite: 0 };
    const of = (version: string) =>
      shown(
        plan(
          withState(eleven, state('m.room.create', { room_version: version }), state('m.room.power_levels', texts)),
          facts,
        ),
      );
    expect(of('9')).toEqual(['set m.room.power_levels', 'cannot: room-version']);
    expect(of('11')).toEqual(['cannot: power-missing']);
  });

  it('of a room whose version nobody knows is not touched without saying so', () => {
    const room = withState(twelve, state('m.room.create', { room_version: 'org.example.13' }));
    expect(shown(plan(room, facts))).toContain('cannot: room-version');
  });
});

describe('the server list', () => {
  const acl = (ownServer: string, partner: string) => {
    const of = roomFacts({}, { ownServer, agreements: [agreement(partner, ['consult'])] });
    const step = plan(rightRoom(12), of).find((one) => one.kind === 'set-state' && one.type === 'm.room.server_acl');
    return step?.kind === 'set-state' ? step.content : null;
  };

  it('names servers without their port and, as Synapse looks for its own, with it; and allows addresses only where a server has one for a name', () => {
    expect(acl('localhost:8448', 'partner.example:443')).toEqual({
      allow: ['localhost', 'localhost:8448', 'partner.example', 'partner.example:443'],
      allow_ip_literals: false,
      deny: [],
    });
    expect(acl('[::1]:8448', '10.0.0.1:8448')).toEqual({
      allow: ['10.0.0.1', '10.0.0.1:8448', '[::1]', '[::1]:8448'],
      allow_ip_literals: true,
      deny: [],
    });
  });

  it('of a class that never federates has our own server only, whatever is agreed', () => {
    const of = roomFacts(
      { class: 'restricted-42cfr2', named: [] },
      {
        agreements: [agreement('partner.example', ['restricted-42cfr2'])],
      },
    );
    expect(contentOf(rightRoom(12, of), 'm.room.server_acl').allow).toEqual([OWN]);
    expect(newRoom(of)?.federate).toBe(false);
  });
});

describe('any plan', () => {
  const users = [BOT, VOICE, fenn, quist, biller, gone, outside, stranger, local('nobody'), userId('odd')];
  const number = fc.oneof(
    fc.constantFrom<unknown>(
      0,
      50,
      99,
      100,
      101,
      150,
      -1,
      -(2 ** 60),
      2 ** 60,
      2 ** 53,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ),
    fc.constantFrom<unknown>('100', ' 50 ', 'a', '', null, true, {}, [], [100], '1e3'),
    fc.integer(),
  );
  const dirt = fc.oneof(
    { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(null, [], {}, 'x', 0, undefined, { __proto__: null }) },
  );
  const powerContent = fc.oneof(
    dirt,
    fc.record(
      {
        users: fc.oneof(fc.dictionary(fc.constantFrom(...users, '__proto__'), number), dirt),
        events: fc.oneof(
          fc.dictionary(
            fc.constantFrom('m.room.power_levels', 'm.room.name', 'm.room.encryption', '__proto__'),
            number,
          ),
          dirt,
        ),
        notifications: fc.oneof(fc.record({ room: number }), dirt),
        users_default: number,
        events_default: number,
        state_default: number,
        invite: number,
        kick: number,
        ban: number,
        redact: number,
        extra: dirt,
      },
      { requiredKeys: [] },
    ),
  );
  const stateEvent = fc.oneof(
    fc.record({
      type: fc.constantFrom(
        'm.room.encryption',
        'm.room.join_rules',
        'm.room.history_visibility',
        'm.room.guest_access',
        'm.room.server_acl',
        'm.room.name',
        'm.room.topic',
        'm.room.avatar',
        'm.room.canonical_alias',
        'm.room.retention',
        'm.room.tombstone',
        'im.vector.modular.widgets',
        'm.room.third_party_invite',
        'm.room.member',
        '__proto__',
      ),
      state_key: fc.constantFrom('', 'x', ...users.slice(1)),
      sender: fc.constantFrom(...users),
      content: dirt,
    }),
    fc.record({
      type: fc.constant('m.room.power_levels'),
      state_key: fc.constant(''),
      sender: fc.constantFrom(...users),
      content: powerContent,
    }),
    fc.record({
      type: fc.constant('m.room.member'),
      state_key: fc.constantFrom(...users.slice(1)),
      sender: fc.constantFrom(...users),
      content: fc.record({ membership: fc.constantFrom('join', 'invite', 'knock', 'ban', 'leave') }),
    }),
    fc.record({
      type: fc.constant('m.room.server_acl'),
      state_key: fc.constant(''),
      sender: fc.constantFrom(...users),
      content: fc.record({ allow: dirt, deny: dirt }),
    }),
  );
  const twelve = rightRoom(12).state.filter(({ type }) => type !== 'm.room.create');
  /** No homeserver has a creator of version 12 among the users of the power levels. */
  const withoutCreators = (event: StateEvent, create: StateEvent): StateEvent => {
    const { room_version: version, additional_creators: others } = create.content as Record<string, unknown>;
    const content = event.content as { users?: unknown } | null | undefined;
    if (event.type !== 'm.room.power_levels' || version !== '12') return event;
    if (typeof content !== 'object' || typeof content?.users !== 'object' || content.users === null) return event;
    const creators = [create.sender, ...((others ?? []) as unknown[])];
    const users = Object.fromEntries(Object.entries(content.users).filter(([user]) => !creators.includes(user)));
    return { ...event, content: { ...content, users } };
  };
  const className = fc.constantFrom('consult', 'clinical', 'announcement', 'restricted-42cfr2', 'control', 'on-call');
  const created = fc.constantFrom<StateEvent>(
    state('m.room.create', { room_version: '11' }),
    state('m.room.create', { room_version: '12' }),
    state('m.room.create', { room_version: '12', additional_creators: [BOT, biller, 7, null] }, '', stranger),
    state('m.room.create', { room_version: '11' }, '', stranger),
    state('m.room.create', { room_version: '12' }, '', stranger),
  );
  const observed = fc
    .record({
      create: created,
      events: fc.array(stateEvent, { maxLength: 12 }),
      keep: fc.boolean(),
      listed: fc.boolean(),
    })
    .map(({ create, events, keep, listed }): ObservedRoom => {
      const once = new Map(
        (events as StateEvent[]).map((event) => [JSON.stringify([event.type, event.state_key]), event]),
      );
      const base = keep ? twelve : [member(BOT, 'join')];
      const room = { ...withState({ roomId: aRoomId, state: [create, ...base] }, ...once.values()), listed };
      return { ...room, state: room.state.map((event) => withoutCreators(event, create)) };
    });
  const someFacts = fc
    .record({
      name: className,
      agreed: fc.boolean(),
      grants: fc.subarray([...facts.grants, holds(quist, 'manager'), holds(stranger, 'admin')]),
      automatic: fc.boolean(),
    })
    .map(({ name, agreed, grants, automatic }) =>
      roomFacts(
        { class: name },
        {
          grants,
          agreements: agreed ? [agreement('partner.example', ['consult', 'clinical'])] : [],
          policy: automatic ? policyOf(`classes: { ${name}: { membership: automatic } }`) : facts.policy,
        },
      ),
    );

  const runs = { numRuns: 400 };

  it('never throws, and no rule fails, whatever the state holds', () => {
    fc.assert(
      fc.property(observed, someFacts, (room, of) => {
        expect(plan(room, of).filter((step) => step.kind === 'cannot-correct' && step.why === 'rule-failed')).toEqual(
          [],
        );
      }),
      runs,
    );
  });

  it('never removes the bot or a voice, never shuts out our own server, never takes the bot what it needs', () => {
    fc.assert(
      fc.property(observed, someFacts, (room, of) => {
        for (const step of plan(room, of)) {
          if (step.kind === 'kick') expect([BOT, VOICE]).not.toContain(step.user);
          if (step.kind !== 'set-state') continue;
          if (step.type === 'm.room.member') throw new Error('a plan sets no membership by hand');
          if (step.type === 'm.room.server_acl') {
            expect(step.content.allow).toContain(OWN);
            expect(step.content.deny).toEqual([]);
          }
          if (step.type === 'm.room.power_levels') {
            const before = new Homeserver(room, BOT).power(BOT);
            const server = new Homeserver(withState(room, state(step.type, step.content)), BOT);
            expect(server.power(BOT)).toBeGreaterThanOrEqual(Math.min(100, before));
          }
        }
      }),
      runs,
    );
  });

  it('is taken by the homeserver step for step, and leaves nothing to do but what cannot be done', () => {
    fc.assert(
      fc.property(observed, someFacts, (room, of) => {
        const steps = plan(room, of);
        const after = apply(room, steps);
        const followed = steps.find((step) => step.kind === 'follow-upgrade');
        const then = followed ? { ...of, room: { ...of.room, replacedBy: followed.replacement } } : of;
        const left = plan(after, then);
        expect(possible(left)).toEqual([]);
      }),
      runs,
    );
  });

  it('is the same in any order of the rules', () => {
    fc.assert(
      fc.property(
        observed,
        someFacts,
        fc.shuffledSubarray([...upkeep], { minLength: upkeep.length }),
        (room, of, shuffled) => {
          expect(plan(room, of, shuffled)).toEqual(plan(room, of));
        },
      ),
      runs,
    );
  });

  it('is the same in any order of the state', () => {
    fc.assert(
      fc.property(
        observed.chain((room) =>
          fc.record({
            room: fc.constant(room),
            shuffled: fc.shuffledSubarray([...room.state], { minLength: room.state.length }),
          }),
        ),
        someFacts,
        ({ room, shuffled }, of) => {
          expect(plan({ ...room, state: shuffled }, of)).toEqual(plan(room, of));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the rules that keep a room', () => {
  it('have each a name of their own and the regulation they serve', () => {
    expect(new Set(upkeep.map(({ name }) => name)).size).toBe(upkeep.length);
    expect(upkeep.filter(({ regulation }) => !/CFR/.test(regulation))).toEqual([]);
  });

  it('that fail are said, and the others go on', () => {
    const broken = {
      ...upkeep[0]!,
      name: 'broken',
      look: () => {
        throw new Error('bug');
      },
    };
    const room = withState(rightRoom(12), state('m.room.guest_access', {}));
    expect(shown(plan(room, facts, [...upkeep, broken]))).toEqual(['set m.room.guest_access', 'cannot: rule-failed']);
  });
});
