import fc from 'fast-check';
import { userId } from '../../src/kernel/ids.ts';
import { DIRECT, decide, type Facts, judgeRecall } from '../../src/policy/index.ts';
import { agreement, BOT, DAY, factsOf, holds, local, NOW, OWN } from './support.ts';

const [ash, birch] = [local('ash'), local('birch')];

describe('whether a message may be taken back', () => {
  it('is judged alike by all facts there are, and by the two that its rules ask', () => {
    const user = fc.constantFrom(ash, birch, BOT, userId('@osei:fenwickvale.example'), userId('nobody'));
    fc.assert(
      fc.property(
        user,
        user,
        fc.integer({ min: -DAY, max: DAY }),
        fc.constantFrom('clinical', 'restricted-42cfr2', 'audit', 'no-such-class'),
        (by, author, age, name) => {
          const facts: Facts = factsOf({
            grants: [holds(ash, 'physician'), holds(birch, 'billing')],
            agreements: [agreement('fenwickvale.example', ['clinical'])],
            ownServer: OWN,
          });
          const request = { by, author, sentAt: NOW - age, room: { class: name, roles: [] } };
          expect(judgeRecall(request, facts)).toEqual(decide({ ...request, kind: 'recall' }, facts));
        },
      ),
    );
  });

  it('is never asked in a room of Wardroom and one person, of what they wrote themselves', () => {
    const judge = (by = ash) =>
      judgeRecall(
        { by, author: ash, sentAt: NOW - DAY, room: { class: DIRECT, roles: [] } },
        { policy: factsOf().policy, now: NOW },
      );
    expect(judge()).toEqual([]);
    expect(judge(birch)).not.toEqual([]);
  });

  it('is so within the window of the class, by who wrote it', () => {
    const judge = (age: number, by = ash) =>
      judgeRecall(
        { by, author: ash, sentAt: NOW - age, room: { class: 'clinical', roles: [] } },
        { policy: factsOf().policy, now: NOW },
      ).map(({ code }) => code);
    expect([judge(0), judge(15 * 60_000 - 1), judge(15 * 60_000), judge(0, birch)]).toEqual([
      [],
      [],
      ['recall-too-late'],
      ['not-the-author'],
    ]);
  });
});
