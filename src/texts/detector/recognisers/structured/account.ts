import { matches, type Recogniser } from '../../recogniser.ts';

const RECORD =
  'mrn|m\\.r\\.n\\.?|med(?:ical)? rec(?:ord)?s?|chart|patient (?:id|number|no|#)|pt (?:id|#)|hospital (?:id|number)|expediente|record (?:number|no|#|id)|enc(?:ounter)?|csn|fin|accession|specimen|case';
const PLAN =
  'member(?:ship)?|subscriber|policy|poliza|group|plan|claim|insurance(?: (?:id|number|card))?|ins|medicaid|medicare|beneficiary|payer|prior auth(?:orization)?|auth(?:orization)?|hicn';
const ACCOUNT =
  "acct|account|cuenta|invoice|statement|bill|guarantor|routing|iban|checking|savings|confirmation|order|rx|prescription|tracking|ticket|reference|passport|visa|licen[cs]e|lic|dl|d\\.l\\.|driver'?s? licen[cs]e|certificate|cert|badge|employee|student|voter|military|dod|state id|photo id|id|username|login|pin|passcode|password|portal code|access code";
const BETWEEN = '(?:[\\s:#=.-]|number|no\\.?|num|nr|numero|id|is|was|es|ending(?: in)?|ends in|your|the|#)*';
const VALUE = '(?=[A-Z0-9-]*\\d)[A-Z0-9][A-Z0-9-]{3,24}(?![A-Za-z0-9/:])';

const announced = (words: string): RegExp => new RegExp(`(?<![a-z0-9])(?:${words})(?![a-z])${BETWEEN}${VALUE}`, 'gi');

/** A token with a digit that a word announces. Times and dates are none: "your plan 12:30", "order 2026-12-04". */
function number(rule: string, words: string): Recogniser {
  const pattern = announced(words);
  const value = /[A-Z0-9][A-Z0-9-]*$/i;
  return {
    rule,
    kind: 'identifier',
    reads: 'joined',
    find: ({ text }) =>
      matches(text, pattern, ([match]) => {
        const [token = ''] = value.exec(match) ?? [];
        return !/^\d{1,2}(?:am|pm|a|p|th|st|nd|rd|min|mins|hrs?)$/i.test(token) && !/^(?:19|20)\d\d$/.test(token);
      }),
  };
}

export const record = number('mrn', RECORD);
export const healthPlan = number('health-plan', PLAN);
export const account = number('account', ACCOUNT);
