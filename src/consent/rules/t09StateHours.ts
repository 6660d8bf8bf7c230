import { capsReached } from '../caps.ts';
import { FEDERAL, hoursOfStates, isOpen, nextOpen, together } from '../hours/hours.ts';
import { stateHours } from '../hours/stateHours.ts';
import { type Breach, no, type Rule } from '../rule.ts';
import { candidates } from '../zones/candidates.ts';

export const t09StateHours: Rule = {
  id: 'T9',
  cite: 'State telephone solicitation acts (src/consent/hours/stateHours.ts)',
  effective: '2021-07-01',
  source: 'Vendors’ tables of 2025, a source per row',
  confidence: 'secondary',
  says: 'Marketing keeps the strictest hours, and the limits a day, of every state whose law may apply.',
  canBeOff: true,
  kinds: ['marketing'],
  channels: ['sms', 'voice'],
  check: ({ request }) => {
    const { at, sends = [], kind } = request;
    const { zones, states } = candidates(request.to, request.whereabouts);
    const rows = stateHours.filter(({ state }) => states === null || states.includes(state));
    const hours = together([() => FEDERAL, hoursOfStates(rows, at)]);
    const until = nextOpen(at, zones, hours);
    const closed: readonly Breach[] = isOpen(at, zones, hours)
      ? []
      : no(
          'state-hours',
          'The law of a state where the recipient may be lets no marketing arrive now.',
          until === null ? {} : { until },
        );
    const most = rows.flatMap(({ perDay, from }) => (perDay !== undefined && Date.parse(from) <= at ? [perDay] : []));
    const capped =
      most.length === 0
        ? []
        : capsReached(sends, kind, at, { perDay: Math.min(...most), perWeek: Number.POSITIVE_INFINITY });
    return [
      ...closed,
      ...capped.flatMap(({ code, until }) => no(code, 'A state’s limit of solicitations a day is reached.', { until })),
    ];
  },
};
