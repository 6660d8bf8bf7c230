import { fine, type GateRule, hold } from '../gateRule.ts';
import { isReleased } from '../release.ts';

/** The detector reads Latin script only: for other words a person must say what they hold. */
export const unreadable: GateRule = {
  name: 'script',
  regulation: '45 CFR 164.530(c)',
  check: (text) => {
    if (text.content.kind !== 'free' || isReleased(text)) return fine;
    const found = (text.content.findings ?? []).filter(({ rule }) => rule === 'script');
    return found.length === 0
      ? fine
      : hold('script-not-read', 'It is in a script that is not checked: a second person must read it.', found);
  },
};
