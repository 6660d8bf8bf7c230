import { matches, type Recogniser } from '../../recogniser.ts';

const OLD = '(?:9\\d|1[01]\\d)';
const IN_WORDS =
  '(?:ninety(?:[\\s-](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a |one )?hundred(?: and)?(?:[\\s-](?:one|two|three|four|five|six|seven|eight|nine|ten))?|noventa(?: y (?:un|dos|tres|cuatro|cinco|seis|siete|ocho|nueve))?|cien)';
const AGE = `(?:${OLD}|${IN_WORDS})`;
const YEARS = '(?:[\\s-]*(?:y\\/?o|yo|yr|yrs|years?|anos)(?:[\\s-]*(?:old|of age|de edad))?)';
/** Ages over 89 (45 CFR 164.514(b)(2)(i)(C)). "90 years of service" and a wait of "90 minutes" are none. */
const FORMS = new RegExp(
  `(?<![\\d$./a-z-])(?:${AGE}${YEARS}(?![a-z]|\\s(?:of service|experience|in business|ago|warranty))|(?:aged?|turns?|turned|turning|is now|edad(?: de)?|cumple|tiene)[\\s:]+${AGE}(?![\\d/%:.a-z-]|\\s?(?:min|percent|days|hours|dollars|people|mg|ml))|${AGE}(?:th|st|nd|rd)?\\s(?:birthday|bday)|${OLD}\\s?[mf](?![a-z])|(?:nonagenarian|centenarian)s?)`,
  'g',
);

export const age: Recogniser = {
  rule: 'age',
  kind: 'identifier',
  reads: 'plain',
  find: ({ text }) => matches(text.toLowerCase(), FORMS),
};
