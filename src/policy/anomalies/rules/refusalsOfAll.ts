import { type AnomalyRule, counted, crowds, EVERYBODY, roomsOf } from '../anomaly.ts';

const WITHIN_MS = 3_600_000;

/** Many are refused at once: somebody with several accounts, or a change that shut people out. */
export const refusalsOfAll: AnomalyRule = {
  name: 'refusals-of-all',
  title: 'Many refusals in an hour',
  regulation: '45 CFR 164.308(a)(1)(ii)(D)',
  find(facts, { refusals_of_all: many }) {
    const refused = facts.filter(({ kind }) => kind === 'refused');
    return crowds(refused, many, WITHIN_MS).map((crowd) => {
      const people = new Set(crowd.map(({ person }) => person)).size;
      const what = `${crowd.length} refusals of ${people} ${people === 1 ? 'person' : 'people'} within an hour (${counted(crowd.map(({ code }) => code))})`;
      return { person: EVERYBODY, at: crowd.at(-1)!.at, rooms: roomsOf(crowd), what };
    });
  },
};
