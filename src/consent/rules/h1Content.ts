import { riskNotice } from '../record/standing.ts';
import { type Breach, no, type Rule } from '../rule.ts';
import { evidenceOf } from '../verdict.ts';

export const h1Content: Rule = {
  id: 'H1',
  cite: '45 CFR 164.522(b)(1), 164.530(c)',
  effective: '2013-03-26',
  source: '78 FR 5634: who was warned and still prefers it may be texted unencrypted',
  confidence: 'secondary',
  says: 'Health information travels in a text only where the practice allows it and the patient was warned and still wants it.',
  canBeOff: false,
  kinds: ['clinical'],
  check: ({ request, consent }) => {
    const { policy, patient, channel, to, at } = request;
    const breaches: Breach[] = [];
    if (!policy.contentTexts)
      breaches.push(...no('content-texts-off', 'This practice does not text health information.'));
    const notice = patient === null ? null : riskNotice(consent, patient, channel, to, at);
    if (notice === null)
      breaches.push(...no('risk-notice-missing', 'There is no record that the patient was told of the risk of texts.'));
    else if (notice.choice === 'declined')
      breaches.push(
        ...no('risk-notice-missing', 'The patient was told of the risk, and does not want it.', {
          evidence: [evidenceOf(notice)],
        }),
      );
    return breaches;
  },
  basis: ({ request, consent }) => {
    const { patient, channel, to, at } = request;
    const notice = patient === null ? null : riskNotice(consent, patient, channel, to, at);
    return notice === null ? null : [evidenceOf(notice)];
  },
};
