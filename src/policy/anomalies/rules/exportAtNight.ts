import { minutesAt, minutesOf } from '../../values.ts';
import { type AnomalyRule, byPerson, roomsOf } from '../anomaly.ts';

/** Records leave while nobody is there who would ask why. */
export const exportAtNight: AnomalyRule = {
  name: 'export-at-night',
  title: 'Export at night',
  regulation: '45 CFR 164.308(a)(1)(ii)(D), 164.528',
  find(facts, { night }, timeZone) {
    const [from, until] = [minutesOf(night.from), minutesOf(night.until)];
    const isNight = (minutes: number) =>
      from <= until ? minutes >= from && minutes < until : minutes >= from || minutes < until;
    const exported = facts.filter(({ kind, at }) => kind === 'exported' && isNight(minutesAt(at, timeZone)));
    return [...byPerson(exported)].flatMap(([person, own]) =>
      own.map((one) => ({
        person,
        at: one.at,
        rooms: roomsOf([one]),
        what: `an export between ${night.from} and ${night.until}`,
      })),
    );
  },
};
