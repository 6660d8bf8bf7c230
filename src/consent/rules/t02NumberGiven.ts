import { standing } from '../record/standing.ts';
import { fine, no, type Rule } from '../rule.ts';
import { evidenceOf } from '../verdict.ts';

export const t02NumberGiven: Rule = {
  id: 'T2',
  cite: '47 CFR 64.1200(a)(2); 30 FCC Rcd 7961, para. 141',
  effective: '2015-07-10',
  source: 'FCC 15-72, 2015-07-10',
  confidence: 'secondary',
  says: 'A number that was only given at registration is consent to what it was given for, and no more: reminders and notices.',
  canBeOff: true,
  kinds: ['clinical', 'clinical_link', 'marketing'],
  check: ({ request, consent }) => {
    if (request.patient === null) return fine;
    const state = standing(consent, request.patient, request.channel, request.to, request.at);
    if (!state.inForce || !state.records.some(({ method }) => method === 'number_given')) return fine;
    return no('number-only', 'The patient gave the number, and was not asked about texts of this kind.', {
      evidence: state.records.map(evidenceOf),
    });
  },
};
