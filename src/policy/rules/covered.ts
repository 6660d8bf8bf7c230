import { coverageState } from '../agreements.ts';
import { fine, no, rule } from '../rule.ts';

const WHAT: Readonly<Record<string, string>> = {
  'not-on-file': 'There is no such coverage agreement on file.',
  'not-yet': 'The coverage agreement has not begun.',
  ended: 'The coverage agreement has ended.',
  'no-partner': 'There is no agreement with this organisation in force.',
};

/** Another organisation takes calls only under a coverage agreement, and only as a partner. */
export const covered = rule({
  name: 'covered',
  regulation: '45 CFR 164.308(b)(1), 164.506(c)',
  kinds: ['cover'],
  check: (request, { coverage, agreements, now, policy }) => {
    const { state } = coverageState(coverage, agreements, request, now, policy);
    return state === 'in-force'
      ? fine
      : no(`coverage-${state}`, WHAT[state] ?? 'The coverage agreement is not in force.');
  },
});
