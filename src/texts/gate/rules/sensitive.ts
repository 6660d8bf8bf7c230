import { block, fine, type GateRule } from '../gateRule.ts';

const TOPICS: Readonly<Record<string, string>> = {
  'sensitive-substance-use': 'substance use (42 CFR Part 2)',
  'sensitive-hiv': 'HIV',
  'sensitive-mental-health': 'mental health',
  'sensitive-reproductive': 'reproductive health',
  'sensitive-minors': 'a child',
  'sensitive-partner-violence': 'violence at home',
};

/** Never by SMS, whoever agreed to what: whoever holds the phone reads it. */
export const sensitive: GateRule = {
  name: 'sensitive',
  regulation: '45 CFR 164.522(b), 42 CFR Part 2',
  check: ({ content }) => {
    const found = (content.kind === 'free' ? (content.findings ?? []) : []).filter(({ kind }) => kind === 'sensitive');
    if (found.length === 0) return fine;
    const topics = [...new Set(found.map(({ rule }) => TOPICS[rule] ?? rule))].sort().join(', ');
    return block('sensitive', `It may speak of ${topics}. That never goes by text: call the patient.`, found);
  },
};
