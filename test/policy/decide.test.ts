import fc from 'fast-check';
import { userId } from '../../src/kernel/ids.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Facts, PolicyRequest, RoomSubject } from '../../src/policy/request.ts';
import { rules } from '../../src/policy/rules/index.ts';
import { agreement, BOT, DAY, factsOf, holds, local, NOW, policyOf, VOICE } from './support.ts';

const fenn = local('fenn');
const biller = local('biller');
const both = local('both');
const outside = userId('@osei:partner.example');
const stranger = userId('@eve:stranger.example');

const facts = factsOf({
  grants: [
    holds(fenn, 'physician'),
    holds(biller, 'billing'),
    holds(both, 'nurse'),
    holds(both, 'billing'),
    holds(local('hale'), 'admin'),
    holds(local('gone'), 'physician', NOW),
    holds(outside, 'physician'),
    holds(stranger, 'physician'),
  ],
  agreements: [agreement('partner.example', ['consult'])],
});

const room = (name: string, roles: readonly string[] = []): RoomSubject => ({ class: name, roles });
const codes = (request: PolicyRequest, over: Partial<Facts> = {}) =>
  decide(request, { ...facts, ...over }).map(({ code }) => code);

describe('who may be in a room', () => {
  it.each<[string, PolicyRequest, readonly string[]]>([
    ['a physician, in a clinical room', { kind: 'join', user: fenn, room: room('clinical') }, []],
    [
      'billing, in a clinical room',
      { kind: 'join', user: biller, room: room('clinical') },
      ['role-excluded', 'role-missing'],
    ],
    [
      'billing that is also a nurse, in a clinical room',
      { kind: 'join', user: both, room: room('clinical') },
      ['role-excluded'],
    ],
    ['billing, in its own room', { kind: 'join', user: biller, room: room('billing') }, []],
    ['a physician, in the billing room', { kind: 'join', user: fenn, room: room('billing') }, ['role-missing']],
    [
      'whose role ended this millisecond',
      { kind: 'join', user: local('gone'), room: room('clinical') },
      ['role-missing'],
    ],
    ['who holds no role', { kind: 'join', user: local('nobody'), room: room('announcement') }, ['role-missing']],
    ['whoever holds any role, in announcements', { kind: 'join', user: biller, room: room('announcement') }, []],
    [
      'a physician, in a room of nurses',
      { kind: 'join', user: fenn, room: room('clinical', ['nurse']) },
      ['role-missing'],
    ],
    [
      'a role that the room has and its class has not',
      { kind: 'join', user: biller, room: room('consult', ['billing']) },
      ['role-excluded', 'role-missing'],
    ],
    ['a partner with a role, in a consult', { kind: 'join', user: outside, room: room('consult') }, []],
    [
      'a partner with a role, in a class the agreement does not name',
      { kind: 'join', user: outside, room: room('clinical') },
      ['other-class'],
    ],
    ['a stranger with a role, in a consult', { kind: 'join', user: stranger, room: room('consult') }, ['not-on-file']],
    [
      'a partner without a role, in a consult',
      { kind: 'join', user: userId('@new:partner.example'), room: room('consult') },
      ['role-missing'],
    ],
    ['anybody, in a class that there is not', { kind: 'join', user: fenn, room: room('moon') }, ['class-unknown']],
    [
      'somebody without a Matrix id',
      { kind: 'join', user: userId('fenn'), room: room('clinical') },
      ['no-user-id', 'role-missing'],
    ],
    ['a voice', { kind: 'join', user: VOICE, room: room('clinical') }, []],
    ['the bot', { kind: 'join', user: BOT, room: room('restricted-42cfr2') }, []],
  ])('%s', (_, request, expected) => {
    expect(codes(request)).toEqual(expected);
  });

  it('by invitation, only from Wardroom', () => {
    expect(codes({ kind: 'invite', by: BOT, user: fenn, room: room('clinical') })).toEqual([]);
    expect(codes({ kind: 'invite', by: local('hale'), user: fenn, room: room('clinical') })).toEqual([
      'invited-by-member',
    ]);
    expect(codes({ kind: 'invite', by: BOT, user: biller, room: room('clinical') })).toContain('role-missing');
  });

  it('with the courses that the class asks for, as long as they count', () => {
    const policy = policyOf('classes: { clinical: { training: [hipaa] } }');
    const join: PolicyRequest = { kind: 'join', user: fenn, room: room('clinical') };
    const course = { user: fenn, course: 'hipaa', until: NOW + 1 };
    expect(codes(join, { policy })).toEqual(['training-missing']);
    expect(codes(join, { policy, training: [course] })).toEqual([]);
    expect(codes(join, { policy, training: [{ ...course, until: NOW }] })).toEqual(['training-missing']);
    expect(codes(join, { policy, training: [{ ...course, user: both }] })).toEqual(['training-missing']);
  });
});

describe('what is said in a room', () => {
  it.each<[string, PolicyRequest, readonly string[]]>([
    ['encrypted, by a member', { kind: 'message', user: fenn, room: room('clinical'), encrypted: true }, []],
    ['unencrypted', { kind: 'message', user: fenn, room: room('clinical'), encrypted: false }, ['unencrypted']],
    [
      'by whose role ended',
      { kind: 'message', user: local('gone'), room: room('clinical'), encrypted: true },
      ['role-missing', 'may-not-post'],
    ],
    [
      'by whoever, in announcements',
      { kind: 'message', user: fenn, room: room('announcement'), encrypted: true },
      ['may-not-post'],
    ],
    [
      'by an administrator, in announcements',
      { kind: 'message', user: local('hale'), room: room('announcement'), encrypted: true },
      [],
    ],
    ['by a voice, in announcements', { kind: 'message', user: VOICE, room: room('announcement'), encrypted: true }, []],
    ['by a partner in time', { kind: 'message', user: outside, room: room('consult'), encrypted: true }, []],
  ])('%s', (_, request, expected) => {
    expect(codes(request)).toEqual(expected);
  });

  it('by a partner whose agreement ended is refused', () => {
    const agreements = [agreement('partner.example', ['consult'], '2026-11-26')];
    expect(codes({ kind: 'message', user: outside, room: room('consult'), encrypted: true }, { agreements })).toEqual([
      'ended',
    ]);
  });

  it('can be taken back by its author for the time the class gives', () => {
    const recall = (sentAt: number, name = 'clinical', by = fenn): readonly string[] =>
      codes({ kind: 'recall', by, author: fenn, sentAt, room: room(name) });
    expect(recall(NOW - 15 * 60_000 + 1)).toEqual([]);
    expect(recall(NOW - 15 * 60_000)).toEqual(['recall-too-late']);
    expect(recall(NOW - 6 * 60_000, 'restricted-42cfr2')).toEqual(['recall-too-late']);
    expect(recall(NOW, 'clinical', biller)).toEqual(['not-the-author']);
    expect(recall(NOW + DAY)).toEqual(['recall-too-late']);
    expect(recall(Number.NaN)).toEqual(['recall-too-late']);
  });
});

describe('a new room', () => {
  const create = (name: string, className = 'clinical', roles: readonly string[] = []) =>
    codes({ kind: 'create-room', class: className, name, roles });

  it.each(['4 West', 'Cardiology consult 12', 'ICU-2', 'Bed 12/3', 'Ward #4', 'cath-lab-nights'])(
    'may be called %s',
    (name) => {
      expect(create(name)).toEqual([]);
    },
  );

  it.each([
    'Mr. Hale',
    'MRN 12',
    'Patient 7',
    'Pt Osei',
    'DOB 3-4',
    '1962-04-12',
    '4/12/1962',
    '555-0100 callback',
    '12345678',
    '',
    ' ',
    'a'.repeat(41),
    'x\ny',
    '<b>x</b>',
    'Zoë',
  ])('may not be called %p', (name) => {
    expect(create(name)).toHaveLength(1);
  });

  it('of a class with opaque names is named by Wardroom', () => {
    expect(create('Mr. Hale', 'patient-text')).toEqual([]);
  });

  it('is for roles of its class', () => {
    expect(create('4 West', 'clinical', ['nurse'])).toEqual([]);
    expect(create('4 West', 'clinical', ['nurse', 'billing'])).toEqual(['role-not-of-class']);
    expect(create('News', 'announcement', ['nurse'])).toEqual([]);
    expect(create('News', 'announcement', ['wizard'])).toEqual(['role-not-of-class']);
    expect(create('4 West', 'moon')).toEqual(['class-unknown']);
  });
});

describe('a role', () => {
  const grant = (user: string, role: string) => codes({ kind: 'grant', user: userId(user), role });

  it('is given to people of this hospital and of partners', () => {
    expect(grant('@new:marlow.example', 'nurse')).toEqual([]);
    expect(grant('@new:partner.example', 'nurse')).toEqual([]);
    expect(grant('@new:stranger.example', 'nurse')).toEqual(['not-on-file']);
    expect(grant('@new:marlow.example', 'wizard')).toEqual(['role-unknown']);
    expect(grant('nonsense', 'nurse')).toEqual(['no-user-id']);
  });

  it('that administers Wardroom stays in the hospital', () => {
    expect(grant('@new:partner.example', 'admin')).toEqual(['role-own-only']);
    expect(grant('@new:partner.example', 'privacy-officer')).toEqual(['role-own-only']);
  });

  it('is never given to Wardroom itself', () => {
    expect(grant(BOT, 'admin')).toEqual(['is-wardroom']);
  });
});

describe('a command', () => {
  it('is for who holds its role, in this hospital', () => {
    expect(codes({ kind: 'command', by: local('hale'), command: 'policy set' })).toEqual([]);
    expect(codes({ kind: 'command', by: fenn, command: 'policy set' })).toEqual(['command-role-missing']);
    expect(codes({ kind: 'command', by: fenn, command: 'constructor' })).toEqual(['command-role-missing']);
    const grants = [holds(stranger, 'admin'), holds(local('po'), 'privacy-officer')];
    expect(codes({ kind: 'command', by: stranger, command: 'policy set' }, { grants })).toEqual(['not-this-hospital']);
    expect(codes({ kind: 'command', by: local('po'), command: 'audit export' }, { grants })).toEqual([]);
    expect(codes({ kind: 'command', by: local('po'), command: 'policy set' }, { grants })).toEqual([
      'command-role-missing',
    ]);
  });
});

describe('unknown', () => {
  it('means no: a request that no rule is about', () => {
    const odd = { kind: 'teleport', user: fenn } as unknown as PolicyRequest;
    expect(codes(odd)).toEqual(['request-unknown']);
    expect(decide({ kind: 'join', user: fenn, room: room('clinical') }, facts, [])).toHaveLength(1);
  });

  it('means no: a rule that throws', () => {
    const broken = {
      ...rules[0]!,
      name: 'broken',
      check: () => {
        throw new Error('bug');
      },
    };
    const violations = decide({ kind: 'join', user: fenn, room: room('clinical') }, facts, [...rules, broken]);
    expect(violations).toEqual([expect.objectContaining({ rule: 'broken', code: 'rule-failed' })]);
  });

  it('means no: facts that cannot be read', () => {
    const unreadable = { ...facts, grants: null as unknown as [] };
    expect(codes({ kind: 'join', user: fenn, room: room('clinical') }, unreadable)).toContain('rule-failed');
  });
});

describe('the rules', () => {
  const users = [fenn, biller, both, outside, stranger, BOT, VOICE, local('nobody'), userId('odd')];
  const user = fc.constantFrom(...users);
  const className = fc.constantFrom(...Object.keys(facts.policy.classes), 'moon', '__proto__', 'constructor');
  const subject = fc.record({
    class: className,
    roles: fc.subarray(['nurse', 'billing', 'physician', 'wizard']),
    account: fc.option(fc.constantFrom('LARK-CARD', 'X'), { nil: undefined }),
  });
  const request: fc.Arbitrary<PolicyRequest> = fc.oneof(
    fc.record({ kind: fc.constant('join' as const), user, room: subject }),
    fc.record({ kind: fc.constant('invite' as const), by: user, user, room: subject }),
    fc.record({ kind: fc.constant('message' as const), user, room: subject, encrypted: fc.boolean() }),
    fc.record({ kind: fc.constant('recall' as const), by: user, author: user, sentAt: fc.integer(), room: subject }),
    fc.record({
      kind: fc.constant('create-room' as const),
      class: className,
      name: fc.string(),
      roles: fc.subarray(['nurse', 'x']),
    }),
    fc.record({
      kind: fc.constant('federate' as const),
      domain: fc.constantFrom('partner.example', 'x', ''),
      class: className,
    }),
    fc.record({ kind: fc.constant('cover' as const), ours: fc.string(), theirs: fc.string() }),
    fc.record({ kind: fc.constant('grant' as const), user, role: fc.constantFrom('nurse', 'admin', '__proto__') }),
    fc.record({
      kind: fc.constant('command' as const),
      by: user,
      command: fc.constantFrom('policy set', '__proto__', ''),
    }),
  );

  it('say the same in any order', () => {
    fc.assert(
      fc.property(request, fc.shuffledSubarray([...rules], { minLength: rules.length }), (asked, shuffled) => {
        expect(decide(asked, facts, shuffled)).toEqual(decide(asked, facts));
      }),
    );
  });

  it('never fail on what can be asked', () => {
    fc.assert(
      fc.property(request, (asked) => {
        expect(decide(asked, facts).map(({ code }) => code)).not.toContain('rule-failed');
      }),
    );
  });

  it('never allow more when a role, an agreement or a course is taken away, except who was excluded by one', () => {
    const fewer = fc.subarray([...facts.grants]);
    fc.assert(
      fc.property(request, fewer, fc.boolean(), (asked, grants, agreed) => {
        const less = { ...facts, grants, agreements: agreed ? facts.agreements : [] };
        const before = decide(asked, facts).filter(({ code }) => code !== 'role-excluded');
        if (before.length > 0) expect(decide(asked, less)).not.toEqual([]);
      }),
    );
  });

  it('have each a name of their own and the regulation they serve', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    expect(rules.filter(({ regulation }) => !/CFR/.test(regulation))).toEqual([]);
  });
});
