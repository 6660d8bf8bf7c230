import fc from 'fast-check';
import {
  endOfDay,
  foldGrants,
  grantRole,
  nextRoleChange,
  type RoleEvent,
  reviewRole,
  roleReview,
  rolesOf,
  whoHolds,
} from '../../src/policy/roles.ts';
import { BOT, builtInPolicy, DAY, local, NOW, policyOf } from './support.ts';

const fenn = local('fenn');
const quist = local('quist');

const granted = (user = fenn, role = 'nurse', from = NOW, until: number | null = null): RoleEvent => {
  const event = grantRole({ user, role, from, until, by: BOT }, builtInPolicy, Math.min(from, NOW));
  if (!event.ok) throw new Error(event.error);
  return event.value;
};
const revoked = (at: number, user = fenn, role = 'nurse'): RoleEvent => ({ type: 'revoked', user, role, by: BOT, at });

describe('a role', () => {
  it('is held from its beginning up to its end', () => {
    const grants = foldGrants([granted(fenn, 'nurse', NOW, NOW + DAY)]);
    expect(rolesOf(grants, fenn, NOW - 1)).toEqual([]);
    expect(rolesOf(grants, fenn, NOW)).toEqual(['nurse']);
    expect(rolesOf(grants, fenn, NOW + DAY - 1)).toEqual(['nurse']);
    expect(rolesOf(grants, fenn, NOW + DAY)).toEqual([]);
    expect(whoHolds(grants, 'nurse', NOW)).toEqual([fenn]);
    expect(whoHolds(grants, 'physician', NOW)).toEqual([]);
    expect(rolesOf(grants, quist, NOW)).toEqual([]);
  });

  it('that is revoked ends at once, and so does one that was to begin', () => {
    const grants = foldGrants([granted(), granted(fenn, 'nurse', NOW + 10 * DAY), revoked(NOW + DAY)]);
    expect(rolesOf(grants, fenn, NOW + DAY - 1)).toEqual(['nurse']);
    expect(rolesOf(grants, fenn, NOW + DAY)).toEqual([]);
    expect(rolesOf(grants, fenn, NOW + 20 * DAY)).toEqual([]);
  });

  it('can be given again after it was revoked', () => {
    const grants = foldGrants([granted(), revoked(NOW + DAY), granted(fenn, 'nurse', NOW + 2 * DAY)]);
    expect(rolesOf(grants, fenn, NOW + DAY)).toEqual([]);
    expect(rolesOf(grants, fenn, NOW + 2 * DAY)).toEqual(['nurse']);
  });

  it('that is given twice is held until the later end', () => {
    const grants = foldGrants([granted(fenn, 'nurse', NOW, NOW + DAY), granted(fenn, 'nurse', NOW, NOW + 3 * DAY)]);
    expect(rolesOf(grants, fenn, NOW + 2 * DAY)).toEqual(['nurse']);
  });

  it("revoked from one leaves others' and other roles alone", () => {
    const grants = foldGrants([granted(), granted(quist), granted(fenn, 'admin'), revoked(NOW + 1)]);
    expect(rolesOf(grants, fenn, NOW + 2)).toEqual(['admin']);
    expect(whoHolds(grants, 'nurse', NOW + 2)).toEqual([quist]);
  });

  it.each([
    ['wizard', NOW, null, 'role-unknown'],
    ['constructor', NOW, null, 'role-unknown'],
    ['nurse', NOW, NOW, 'empty-period'],
    ['nurse', NOW - 2 * DAY, NOW - DAY, 'in-the-past'],
    ['nurse', NOW, NOW + 400 * DAY, 'too-long'],
  ] as const)('cannot be given so: %s from %d until %p: %s', (role, from, until, fault) => {
    expect(grantRole({ user: fenn, role, from, until, by: BOT }, builtInPolicy, NOW)).toEqual({
      ok: false,
      error: fault,
    });
  });

  it('given until a date is held through that day', () => {
    const policy = policyOf('time_zone: America/New_York');
    expect(endOfDay('2026-12-31', policy)).toBe(Date.parse('2027-01-01T05:00:00Z'));
    expect(endOfDay('2026-02-30', policy)).toBeNull();
    expect(endOfDay('tomorrow', policy)).toBeNull();
  });
});

describe('recertification', () => {
  it('lists what is due, the most urgent first, and no more once somebody signed', () => {
    const events = [granted(), granted(quist, 'nurse', NOW - 10 * DAY)];
    const due = (all: readonly RoleEvent[], now: number, ahead = 0) =>
      roleReview(foldGrants(all), now, ahead).map(({ user, overdue }) => [user, overdue]);
    expect(due(events, NOW + 79 * DAY)).toEqual([]);
    expect(due(events, NOW + 80 * DAY)).toEqual([[quist, true]]);
    expect(due(events, NOW + 80 * DAY, 14 * DAY)).toEqual([
      [quist, true],
      [fenn, false],
    ]);
    const signed = [...events, reviewRole(quist, 'nurse', 'admin', builtInPolicy, NOW + 81 * DAY)];
    expect(due(signed, NOW + 91 * DAY)).toEqual([[fenn, true]]);
  });

  it('does not ask about what ends by itself before, nor about what is over', () => {
    const events = [granted(fenn, 'nurse', NOW, NOW + 30 * DAY), granted(quist), revoked(NOW + DAY, quist)];
    expect(roleReview(foldGrants(events), NOW + DAY, 400 * DAY)).toEqual([]);
  });

  it('keeps what is overdue: nobody loses a patient because a form was late', () => {
    const grants = foldGrants([granted()]);
    expect(rolesOf(grants, fenn, NOW + 200 * DAY)).toEqual(['nurse']);
  });
});

describe('the next change', () => {
  it('is the next beginning or end', () => {
    const grants = foldGrants([granted(fenn, 'nurse', NOW, NOW + 2 * DAY), granted(quist, 'nurse', NOW + DAY)]);
    expect(nextRoleChange(grants, NOW)).toBe(NOW + DAY);
    expect(nextRoleChange(grants, NOW + DAY)).toBe(NOW + 2 * DAY);
    expect(nextRoleChange(grants, NOW + 2 * DAY)).toBeNull();
  });

  const event = fc
    .record({
      type: fc.constantFrom('granted', 'revoked', 'reviewed'),
      user: fc.constantFrom(fenn, quist),
      role: fc.constantFrom('nurse', 'admin'),
      from: fc.nat(50),
      length: fc.option(fc.integer({ min: 1, max: 50 })),
    })
    .map(({ type, user, role, from, length }): RoleEvent => {
      const until = length === null ? null : from + length;
      if (type === 'granted') return { type, user, role, from, until, reviewBy: from + 90, by: BOT, at: from };
      if (type === 'revoked') return { type, user, role, by: BOT, at: from };
      return { type: 'reviewed', user, role, by: BOT, at: from, reviewBy: from + 90 };
    });
  const events = fc.array(event, { maxLength: 12 }).map((all) => [...all].sort((a, b) => a.at - b.at));

  it('is never missed: between two of them nobody gains or loses a role', () => {
    fc.assert(
      fc.property(events, (all) => {
        const grants = foldGrants(all);
        const held = (now: number) => [rolesOf(grants, fenn, now), rolesOf(grants, quist, now)];
        for (let now = 0; now < 110; now += 1) {
          const next = nextRoleChange(grants, now);
          if (next === null || next > now + 1) expect(held(now + 1)).toEqual(held(now));
        }
      }),
    );
  });

  it('of who is told to go comes first: after a revocation nothing given before it is held', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 50, max: 200 }), (all, at) => {
        const grants = foldGrants([...all, { type: 'revoked', user: fenn, role: 'nurse', by: BOT, at }]);
        for (let now = at; now < at + 60; now += 1) expect(rolesOf(grants, fenn, now)).not.toContain('nurse');
      }),
    );
  });

  it('holders and roles say the same', () => {
    fc.assert(
      fc.property(events, fc.nat(120), (all, now) => {
        const grants = foldGrants(all);
        for (const user of [fenn, quist]) {
          for (const role of ['nurse', 'admin']) {
            expect(whoHolds(grants, role, now).includes(user)).toBe(rolesOf(grants, user, now).includes(role));
          }
        }
      }),
    );
  });
});
