import { fine, type GateRule, hold } from '../gateRule.ts';
import { isReleased } from '../release.ts';

/** A name that is not this patient's may mean that the text goes to the wrong one. */
export const otherPerson: GateRule = {
  name: 'other-person',
  regulation: '45 CFR 164.514(h)',
  check: (text) => {
    if (text.content.kind !== 'free' || isReleased(text)) return fine;
    const found = (text.content.findings ?? []).filter(({ rule }) => rule === 'name-other');
    return found.length === 0
      ? fine
      : hold('other-person', 'It names somebody who is not this patient: a second person must look at it.', found);
  },
};
