import { fine, type GateRule, hold } from '../gateRule.ts';
import { isReleased } from '../release.ts';

/** What the practice wants two people to have read. */
export const secondPerson: GateRule = {
  name: 'second-person',
  regulation: '45 CFR 164.530(c)',
  check: (text, contentClass) => {
    if (text.content.kind !== 'free' || contentClass === null || !text.policy.secondPerson.includes(contentClass))
      return fine;
    return isReleased(text)
      ? fine
      : hold('second-person', 'A second person must read this before it goes out.', text.content.findings ?? []);
  },
};
