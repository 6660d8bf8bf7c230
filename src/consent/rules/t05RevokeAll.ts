import { CONSENTED, fine, no, type Rule } from '../rule.ts';
import { evidenceOf } from '../verdict.ts';

export const t05RevokeAll: Rule = {
  id: 'T5',
  cite: '47 CFR 64.1200(a)(10)',
  effective: '2025-04-11',
  suspendedUntil: '2027-01-31',
  source: 'FCC DA 26-12, 2026-01-06; under review',
  confidence: 'secondary',
  says: 'One revocation ends texts on all topics, also where it named some.',
  canBeOff: true,
  kinds: CONSENTED,
  check: ({ address }) => {
    const stops = address.stops.filter(({ event }) => event.type === 'revoked' && event.topics !== null);
    if (stops.length === 0) return fine;
    return no('stopped-for-everything', 'A stop of some topics ends all of them.', {
      evidence: stops.map(({ event }) => evidenceOf(event)),
    });
  },
};
