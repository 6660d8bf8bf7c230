import { CONSENTED, fine, no, type Rule } from '../rule.ts';
import { evidenceOf } from '../verdict.ts';

const REPLIES: readonly string[] = ['sms', 'keypress', 'carrier'];

export const t11StoppedByReply: Rule = {
  id: 'T11',
  cite: '47 CFR 64.1200(a)(9)(i)(F), (a)(10)',
  effective: '2025-04-11',
  source: 'FCC 24-24; the stricter of two readings',
  confidence: 'secondary',
  says: 'A stop in reply to a text ends everything that is not an emergency, whatever topic was named.',
  canBeOff: true,
  kinds: CONSENTED,
  check: ({ address }) => {
    const stops = address.stops.filter(({ event }) => event.type === 'revoked' && REPLIES.includes(event.method));
    if (stops.length === 0) return fine;
    return no('stopped-by-reply', 'Somebody stopped texts from that telephone itself: that ends all of them.', {
      evidence: stops.map(({ event }) => evidenceOf(event)),
    });
  },
};
