import { CONSENTED, fine, no, type Rule } from '../rule.ts';
import { evidenceOf } from '../verdict.ts';
import { coversTopic } from './topics.ts';

export const t03Revoked: Rule = {
  id: 'T3',
  cite: '47 CFR 64.1200(a)(10)',
  effective: '2015-07-10',
  source: 'FCC 15-72, para. 47; in the rules since 2025-04-11: FCC 24-24, 89 FR 15756',
  confidence: 'quoted',
  says: 'Consent can be revoked by any reasonable means. Honoured at once, for everybody on that telephone.',
  canBeOff: false,
  kinds: CONSENTED,
  check: ({ request, address }) => {
    const stops = address.stops.filter(
      (stop) =>
        stop.event.type === 'revoked' && (request.policy.revocation !== 'topic' || coversTopic(stop, request.kind)),
    );
    if (stops.length === 0) return fine;
    return no(
      'stopped',
      'Texts to this number were stopped. The stop names the telephone: it counts for everybody on it.',
      {
        evidence: stops.map(({ event }) => evidenceOf(event)),
      },
    );
  },
};
