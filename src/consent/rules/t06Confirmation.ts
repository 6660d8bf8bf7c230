import type { Context, Rule } from '../rule.ts';
import { fine, no } from '../rule.ts';
import { evidenceOf } from '../verdict.ts';

/** Later, the sender would have to show that the delay was reasonable. */
const WITHIN_MS = 5 * 60_000;

const stopped = ({ request, address }: Context) => address.stops.filter(({ event }) => event.at <= request.at);

export const t06Confirmation: Rule = {
  id: 'T6',
  cite: '47 CFR 64.1200(a)(12)',
  effective: '2024-04-04',
  source: 'FCC 24-24, 89 FR 15756',
  confidence: 'quoted',
  says: 'One text may confirm a revocation, within five minutes of it, and none other.',
  canBeOff: false,
  kinds: ['opt_out_confirmation'],
  check: (context) => {
    const { at, sends = [] } = context.request;
    const stops = stopped(context);
    const [first] = stops;
    const last = stops.at(-1);
    if (first === undefined || last === undefined)
      return no('nothing-to-confirm', 'This number is not stopped: there is nothing to confirm.');
    const evidence = [evidenceOf(last.event)];
    if (sends.some((send) => send.kind === 'opt_out_confirmation' && send.at >= first.event.at))
      return no('already-confirmed', 'The stop was confirmed already: once, and no more.', { evidence });
    if (at - last.event.at > WITHIN_MS)
      return no('confirmation-late', 'A stop is confirmed within five minutes, or not at all.', { evidence });
    return fine;
  },
  basis: (context) => stopped(context).map(({ event }) => evidenceOf(event)),
};
