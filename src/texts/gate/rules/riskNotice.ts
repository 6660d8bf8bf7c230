import { fine, type GateRule, rewrite } from '../gateRule.ts';

/** Health information goes unencrypted only to who was warned of that and still wants it. */
export const riskNotice: GateRule = {
  name: 'risk-notice',
  regulation: '45 CFR 164.522(b), 78 FR 5634',
  check: ({ to, consent, content }, contentClass) =>
    to === 'patient' && contentClass === 'content' && !consent?.riskNotice
      ? rewrite(
          'no-risk-notice',
          'It is not on record that the patient was warned of the risk of texts.',
          content.kind === 'free' ? (content.findings ?? []) : [],
        )
      : fine,
};
