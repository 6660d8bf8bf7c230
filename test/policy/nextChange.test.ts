import fc from 'fast-check';
import { decide } from '../../src/policy/decide.ts';
import { membersAreTold } from '../../src/policy/membersAreTold.ts';
import { roomNameOf } from '../../src/policy/newRoom.ts';
import { nextChange } from '../../src/policy/nextChange.ts';
import type { PolicyRequest } from '../../src/policy/request.ts';
import { agreement, builtInPolicy, DAY, factsOf, holds, local, NOW, policyOf } from './support.ts';

const fenn = local('fenn');
const policy = policyOf('time_zone: America/New_York\nclasses: { consult: { training: [hipaa] } }');

describe('the next change', () => {
  it('is never missed: until then nothing is decided otherwise', () => {
    const day = fc.integer({ min: 0, max: 40 });
    const hours = fc.integer({ min: 1, max: 40 * 24 });
    const dateOf = (offset: number) => new Date(NOW + offset * DAY).toISOString().slice(0, 10);
    fc.assert(
      fc.property(day, day, hours, hours, hours, (from, length, roleEnds, courseEnds, then) => {
        const at = (now: number) =>
          factsOf({
            policy,
            now,
            grants: [holds(fenn, 'physician', NOW + roleEnds * 3_600_000)],
            agreements: [{ ...agreement('partner.example', ['consult'], dateOf(from + length)), from: dateOf(from) }],
            coverage: [
              {
                agreement: 'C',
                ours: 'A/r',
                theirs: 'partner.example/r',
                until: dateOf(length),
                signed_by: ['a', 'b'],
              },
            ],
            training: [{ user: fenn, course: 'hipaa', until: NOW + courseEnds * 3_600_000 }],
          });
        const requests: readonly PolicyRequest[] = [
          { kind: 'join', user: fenn, room: { class: 'consult', roles: [] } },
          { kind: 'federate', domain: 'partner.example', class: 'consult' },
          { kind: 'cover', ours: 'A/r', theirs: 'partner.example/r' },
        ];
        const decided = (now: number) => requests.map((request) => decide(request, at(now)));
        const later = NOW + then * 3_600_000;
        const next = nextChange(at(NOW));
        if (next === null || next > later) expect(decided(later)).toEqual(decided(NOW));
        if (next !== null) {
          expect(next).toBeGreaterThan(NOW);
          expect(decided(next - 1)).toEqual(decided(NOW));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is none where nothing ends', () => {
    expect(nextChange(factsOf({ grants: [holds(fenn, 'physician')] }))).toBeNull();
    const training = [{ user: fenn, course: 'hipaa', until: NOW + 5 }];
    expect(nextChange(factsOf({ training }))).toBe(NOW + 5);
    expect(nextChange(factsOf({ training, now: NOW + 5 }))).toBeNull();
  });
});

describe('what members are told', () => {
  const told = (name: string) => membersAreTold(builtInPolicy.classes[name]!);

  it('is what is recorded, how long it lives and how long it can be taken back', () => {
    expect(told('clinical')).toBe(
      'Talk of the care team about patients. Who was in this room and when is recorded. Messages are deleted after 30 days; urgent ones (STAT) that nobody acknowledged, and what is under a legal hold, are kept longer. You can take back what you wrote for 15 minutes (!recall).',
    );
  });

  it("says of rooms with a partner that the partner's time may be shorter", () => {
    expect(told('transfer')).toContain("after 14 days, or sooner where the partner's time is shorter;");
  });

  it('says what is kept, and what cannot be taken back', () => {
    const kept = policyOf('classes: { clinical: { retention: { max_age: never }, recall: 0m } }').classes.clinical!;
    expect(membersAreTold(kept)).toContain('Messages are kept. What was sent cannot be taken back.');
    const day = policyOf('classes: { clinical: { retention: { max_age: 1d } } }').classes.clinical!;
    expect(membersAreTold(day)).toContain('after 1 day;');
  });
});

describe('the name of a room', () => {
  it('is what it was created as, except where names are opaque', () => {
    expect(roomNameOf(builtInPolicy.classes.clinical!, '4 West', 'K7Q2')).toBe('4 West');
    expect(roomNameOf(builtInPolicy.classes['patient-text']!, 'Mr. Hale', 'K7Q2')).toBe('Texts K7Q2');
  });
});
