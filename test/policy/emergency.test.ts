import fc from 'fast-check';
import { roomId } from '../../src/kernel/ids.ts';
import { decide } from '../../src/policy/decide.ts';
import { type BreakGlassEvent, foldBreakGlass, opensNow, reviewChaseDue } from '../../src/policy/emergency.ts';
import { nextChange } from '../../src/policy/nextChange.ts';
import { DAY, factsOf, holds, local, NOW, policyOf } from './support.ts';

const fenn = local('fenn');
const room = roomId('!unit:marlow.example');
const policy = policyOf('classes: { clinical: { roles: [physician], training: [hipaa] } }');
const MIN = 60_000;
const access = { user: fenn, room, until: NOW + 30 * MIN };
const may = (now: number, grants = [holds(fenn, 'nurse')], emergencies = [access]) =>
  decide(
    { kind: 'join', user: fenn, room: { class: 'clinical', roles: [], emergencies } },
    factsOf({ policy, now, grants }),
  ).map(({ code }) => code);

describe('emergency access', () => {
  it('opens the room without the role and the course until it is over, and to nobody else', () => {
    expect(may(NOW)).toEqual([]);
    expect(may(access.until - 1)).toEqual([]);
    expect(may(access.until)).toEqual(['role-missing', 'training-missing']);
    expect(may(NOW, [], [{ ...access, user: local('other') }])).toEqual(['role-missing', 'training-missing']);
  });

  it('opens nothing to who holds a role that is kept out, also when they were given it meanwhile', () => {
    expect(may(NOW, [holds(fenn, 'billing')])).toEqual(['role-excluded']);
  });

  it('is over at an instant that the next change names', () => {
    expect(nextChange(factsOf({ emergencies: [access] }))).toBe(access.until);
    expect(nextChange(factsOf({ now: access.until, emergencies: [access] }))).toBe(null);
  });

  it('is never open again once it was ended, whatever comes after, and is asked about once a day until it is reviewed', () => {
    const past = { since: NOW - 1, messages: 200 };
    const granted: BreakGlassEvent = { type: 'granted', by: fenn, at: NOW, class: 'clinical', past, ...access };
    const later = fc.array(
      fc.oneof(
        fc.constant<BreakGlassEvent>({ type: 'ended', at: NOW + 5, by: 'wardroom', why: 'expired' }),
        fc.constant<BreakGlassEvent>({ type: 'closed', at: NOW + 6 }),
        fc.integer({ min: 1, max: 5 }).map((of): BreakGlassEvent => ({ type: 'told', at: NOW + of * DAY, of })),
      ),
    );
    fc.assert(
      fc.property(later, fc.integer({ min: 0, max: 8 * 24 }), (events, hours) => {
        const ended: BreakGlassEvent = { type: 'ended', at: NOW + 1, by: fenn, why: 'officer' };
        const use = foldBreakGlass(1, [granted, ended, ...events])!;
        expect(opensNow(use, NOW + 2)).toBe(false);
        expect(use.ended).toMatchObject({ why: 'officer' });
        const days = reviewChaseDue(use, NOW + hours * 3_600_000);
        expect(days === null || (days >= 1 && !use.told.includes(days))).toBe(true);
        const reviewed = foldBreakGlass(1, [
          granted,
          ended,
          ...events,
          { type: 'reviewed', at: NOW + 2, by: local('officer') },
        ])!;
        expect(reviewChaseDue(reviewed, NOW + hours * 3_600_000)).toBe(null);
      }),
    );
  });
});
