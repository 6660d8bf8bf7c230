import type { ContentClass } from '../../contentClass.ts';
import { block, fine, type GateRule, rewrite } from '../gateRule.ts';
import type { ConsentScope } from '../textToJudge.ts';

/** Which consent covers what. Who agreed to be told what they have agreed to be told less; nobody agreed to more than they said. */
const COVERED_BY: Readonly<Record<ContentClass, readonly ConsentScope[] | 'nothing needed'>> = {
  service: 'nothing needed',
  page: 'nothing needed',
  reminder: ['reminder'],
  notice: ['clinical_link', 'content'],
  plain: ['reminder', 'clinical_link', 'content'],
  content: ['content'],
  marketing: ['marketing'],
};

const WORDS: Readonly<Record<ContentClass, string>> = {
  service: 'answers of the line',
  page: 'pages',
  reminder: 'reminders of appointments',
  notice: 'notices that a message waits',
  plain: 'any texts',
  content: 'health information in texts',
  marketing: 'marketing',
};

/** A text carries no more than the patient agreed to. Somebody's own words become the notice, if that is covered. */
export const scope: GateRule = {
  name: 'consent-scope',
  regulation: '47 CFR 64.1200(a)(1), 45 CFR 164.522(b)',
  check: ({ to, consent, content }, contentClass) => {
    if (to === 'staff' || contentClass === null || consent === null) return fine;
    const needed = COVERED_BY[contentClass];
    if (needed === 'nothing needed' || needed.some((one) => consent.covers.includes(one))) return fine;
    const what = `The patient did not agree to ${WORDS[contentClass]}.`;
    const spans = content.kind === 'free' ? (content.findings ?? []) : [];
    return content.kind === 'free' ? rewrite('not-covered', what, spans) : block('not-covered', what);
  },
};
