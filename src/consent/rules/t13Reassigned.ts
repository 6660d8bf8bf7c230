import { CONSENTED, fine, no, type Rule } from '../rule.ts';
import { evidenceOf } from '../verdict.ts';

export const t13Reassigned: Rule = {
  id: 'T13',
  cite: '47 CFR 64.1200(m); 45 CFR 164.530(c)',
  effective: '2018-12-12',
  source: 'Reassigned numbers; the Reassigned Numbers Database is not asked',
  confidence: 'unverified',
  says: 'A number that was reported to be another person’s gets nothing until somebody has looked, and then takes a new consent.',
  canBeOff: false,
  kinds: CONSENTED,
  check: ({ address }) => {
    const stops = address.stops.filter(({ event }) => event.type === 'reassigned');
    if (stops.length === 0) return fine;
    return no(
      'number-in-doubt',
      'This number was reported to be another person’s, or out of service. Staff has to look at it.',
      {
        evidence: stops.map(({ event }) => evidenceOf(event)),
      },
    );
  },
};
