import type { Scope } from '../record/event.ts';
import { type NoConsent, standing } from '../record/standing.ts';
import type { TextKind } from '../request.ts';
import { CONSENTED, type Context, fine, no, type Rule } from '../rule.ts';
import { evidenceOf } from '../verdict.ts';

/** One of these has to have been agreed to. Until there is a portal to link to, a link is a notice to call. */
const NEEDED: Readonly<Partial<Record<TextKind, readonly Scope[]>>> = {
  reminder: ['reminder'],
  clinical: ['content'],
  clinical_link: ['clinical_link'],
  notice: ['clinical_link', 'content'],
  marketing: ['marketing'],
};

const WHAT: Readonly<Record<NoConsent, string>> = {
  'no-record': 'There is no consent of this patient on record. Unknown means no.',
  'other-number': 'The patient’s consent is for another number.',
  'other-channel': 'The patient’s consent is for another channel.',
  'not-yet': 'The patient’s consent has not begun.',
  expired: 'The patient’s consent has ended.',
  declined: 'The patient was asked, and said no.',
  'number-changed-hands':
    'What was agreed to is void: the number was reported to be another person’s. It takes a new consent.',
};

/** Marketing takes a signature; a portal's form is one (15 U.S.C. 7001). */
const WRITTEN: readonly string[] = ['paper', 'portal'];

const found = ({ request, consent }: Context) =>
  request.patient === null ? null : standing(consent, request.patient, request.channel, request.to, request.at);

export const t01Consent: Rule = {
  id: 'T1',
  cite: '47 CFR 64.1200(a)(1), (a)(2), (f)(9)',
  effective: '2013-10-16',
  source: 'TCPA rules; reference T1',
  confidence: 'secondary',
  says: 'Prior express consent of this patient for this number, channel and purpose; written for marketing.',
  canBeOff: false,
  kinds: CONSENTED,
  check: (context) => {
    const { kind } = context.request;
    const state = found(context);
    if (state === null) return no('patient-unknown', 'Nobody knows whose telephone this is.');
    const evidence = state.records.map(evidenceOf);
    if (!state.inForce) return no(state.why, WHAT[state.why], { evidence });
    const needed = NEEDED[kind] ?? [];
    if (!needed.some((scope) => state.scopes.includes(scope)))
      return no(
        'scope-missing',
        `The patient agreed to ${state.scopes.join(', ') || 'nothing'}; this takes ${needed.join(' or ')}.`,
        {
          evidence,
        },
      );
    if (kind === 'marketing' && !state.records.every(({ method }) => WRITTEN.includes(method)))
      return no('written-consent-missing', 'Marketing takes consent in writing: on paper or by the portal.', {
        evidence,
      });
    return fine;
  },
  basis: (context) => {
    const state = found(context);
    return state?.inForce ? state.records.map(evidenceOf) : null;
  },
};
