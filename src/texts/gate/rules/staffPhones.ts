import { block, fine, type GateRule } from '../gateRule.ts';

/** A clinician's phone gets that a message waits, never what it says. */
export const staffPhones: GateRule = {
  name: 'staff-phones',
  regulation: '45 CFR 164.312(e)(1)',
  check: ({ to }, contentClass) => {
    if (to === 'staff')
      return contentClass === 'page' ? fine : block('not-a-page', 'To the phones of staff only the fixed text goes.');
    return contentClass === 'page' ? block('page-to-patient', 'This text is for the phones of staff.') : fine;
  },
};
