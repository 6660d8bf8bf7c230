import { type AnomalyRule, byPerson, counted, crowds, roomsOf } from '../anomaly.ts';

const WITHIN_MS = 3_600_000;

/** Somebody tries what they may not, again and again. */
export const refusalsOfOne: AnomalyRule = {
  name: 'refusals-of-one',
  title: 'Many refusals of one person',
  regulation: '45 CFR 164.308(a)(1)(ii)(D)',
  find: (facts, { refusals_of_one: many }) =>
    [...byPerson(facts.filter(({ kind }) => kind === 'refused'))].flatMap(([person, refused]) =>
      crowds(refused, many, WITHIN_MS).map((crowd) => ({
        person,
        at: crowd.at(-1)!.at,
        rooms: roomsOf(crowd),
        what: `${crowd.length} refusals within an hour (${counted(crowd.map(({ code }) => code))})`,
      })),
    ),
};
