import { type Breach, block, fine, type GateRule } from '../gateRule.ts';

/** Without a record, no text; with one, whatever stands against contact now: suppressed, quiet hours, too many texts. */
export const contact: GateRule = {
  name: 'contact',
  regulation: '47 CFR 64.1200(a)(1)',
  check: ({ to, consent }, contentClass) => {
    if (to === 'staff') return fine;
    if (consent === null)
      return contentClass === 'service'
        ? fine
        : block('consent-unknown', 'There is no consent of this patient on record.');
    return consent.denials.map(({ code, what, regulation }): Breach => ({ code, outcome: 'block', what, regulation }));
  },
};
