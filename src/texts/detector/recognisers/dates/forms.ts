/** The ways of writing a day. All are matched against lower case. */
const MONTH =
  '(?:jan(?:uary|uar)?|feb(?:ruary|r)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\\.?';
/** Months that are not everyday words or names. */
const CLEAR_MONTH =
  '(?:january|february|april|june|july|august|september|october|november|december|sept|enero|febrero|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)';
const DAY = '(?:0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)?';
const YEAR = "(?:(?:19|20)\\d\\d|'?\\d\\d)";
const NOT_IN = '(?<![a-z0-9$./-])';
const END = '(?![a-z0-9/])';

/** `3/4/2026`, `3-4-26`, `3.4.2026`. */
export const NUMERIC =
  /(?<![\d/.$-])(?:0?[1-9]|1[0-2]|[12]\d|3[01])([\s]?[/.-][\s]?)(?:0?[1-9]|[12]\d|3[01])\1(?:(?:19|20)\d\d|\d\d)(?![\d/-]|\.\d)/g;
/** `3/4`; not a share such as `24/7` or `1/2 hour`, nor a pressure. */
export const DAY_AND_MONTH =
  /(?<![\d/.$-])(?:0?[1-9]|1[0-2])\s?\/\s?(?:0?[1-9]|[12]\d|3[01])(?![\d/%]|\.\d|\s?(?:of|hour|hr|cup|mile|tsp|tbsp|off|price)\b)/g;
/** `2026-03-04`, `2026/03/04`. */
export const ISO = /(?<!\d)(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?!\d)/g;
/** `March 4, 2026`, `mar 4th`, `marzo 4`. "may 4 people" and "march 15 blocks" are excluded by what follows. */
export const MONTH_DAY = new RegExp(
  `${NOT_IN}${MONTH}\\s?(?:the\\s)?${DAY}(?:[\\s,]+${YEAR})?(?![a-z0-9/%:]|\\s?(?:people|persons|blocks|minutes|mins|hours|days|weeks|visitors|guests)\\b)`,
  'g',
);
/** `4 March`, `4th of March 2026`, `4 de marzo de 1961`, `04-mar-1961`, `04mar61`. */
export const DAY_MONTH = new RegExp(
  `${NOT_IN}${DAY}[\\s-]?(?:of\\s|de\\s)?${MONTH}(?:[\\s,-]*(?:de\\s|del\\s)?${YEAR})?${END}`,
  'g',
);
/** `March 2026`. */
export const MONTH_YEAR = new RegExp(`${NOT_IN}${MONTH}[\\s,]+(?:of\\s|de\\s)?(?:19|20)\\d\\d${END}`, 'g');
/** `in March`, `since January`; May and March only with such a word before them. */
export const MONTH_ALONE = new RegExp(
  `${NOT_IN}(?:(?:in|since|last|this|next|until|by|early|late|mid|during|en|desde)[\\s-]+(?:march|may|marzo|${CLEAR_MONTH})|${CLEAR_MONTH})${END}`,
  'g',
);
/** `Tuesday`, `next Tues 2pm`. The short ones that are words (`sat`, `sun`, `wed`, `mon`) with a word or a time beside them. */
export const WEEKDAY = new RegExp(
  `${NOT_IN}(?:mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|tues|thurs|thur|lunes|martes|miercoles|jueves|viernes|sabado|domingo|(?:on|next|this|last|every|coming|by|until|for)\\s(?:mon|tue|wed|thu|fri|sat|sun)\\.?|(?:mon|tue|wed|thu|fri|sat|sun)\\.?,?\\s(?:at\\s|the\\s|@\\s?)?(?:\\d|morning|afternoon|evening|noon|am|pm|${MONTH}))(?![a-z])`,
  'g',
);
/** `tomorrow`, `yesterday`, `tonight`; today is whenever it is read. */
export const RELATIVE =
  /(?<![a-z])(?:tomorrow|tmrw|tmw|tomorow|tommorow|yesterday|tonight|last night|day after tomorrow|day before yesterday|in (?:\d{1,2}|two|three|four|five|six) (?:days|weeks|months)|(?:\d{1,2}|two|three|four|five|six|a few) (?:days|weeks|months|years) ago|manana por la|pasado manana|ayer)(?![a-z])/g;
/** `on the 12th`. */
export const ORDINAL =
  /(?<![a-z])(?:on|by|until|since|from|before|after|this|next|el|of)\s(?:the\s)?(?:[12]?\d(?:st|nd|rd|th)|3(?:0th|1st)|dia \d{1,2})(?![a-z0-9]|\s(?:floor|street|st|avenue|ave|fl|door|grade|time|row|level)\b)/g;

export const FORMS: readonly RegExp[] = [
  NUMERIC,
  DAY_AND_MONTH,
  ISO,
  MONTH_DAY,
  DAY_MONTH,
  MONTH_YEAR,
  MONTH_ALONE,
  WEEKDAY,
  RELATIVE,
  ORDINAL,
];

const BORN =
  '(?:d\\.?o\\.?b\\.?|date of birth|birth ?dates?|birthdays?|b-?day|bday|born|birth|nacio|nacida|nacido|nacimiento|fecha de nac)';
/** A word of birth and digits soon after it, or before it. */
export const BIRTH = new RegExp(`(?<![a-z])${BORN}(?![a-z])[^\\n]{0,20}?\\d[\\d\\s/.,a-z'-]{0,20}`, 'g');

/** Parts of a day that was found: `null` where it does not say. */
export interface Day {
  readonly year: number | null;
  readonly month: number;
  readonly day: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const SPANISH = ['ene', 'feb', 'mar', 'abr', 'may', 'jun', 'jul', 'ago', 'sep', 'oct', 'nov', 'dic'];

/** The days that a written date can mean (3/4 is in March or in April); none: it names no day. */
export function daysOf(written: string): readonly Day[] {
  const text = written.toLowerCase();
  const iso = /^((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text);
  if (iso) return [{ year: Number(iso[1]), month: Number(iso[2]), day: Number(iso[3]) }];
  const numeric = /^(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}|\d{2}))?$/.exec(text);
  if (numeric) {
    const [one, two, year] = [Number(numeric[1]), Number(numeric[2]), fullYear(numeric[3])];
    return [
      { year, month: one, day: two },
      { year, month: two, day: one },
    ].filter(({ month, day }) => month <= 12 && day <= 31);
  }
  const name = /[a-z]{3}/.exec(text.replace(/\b(?:the|of|de|del)\b|(?:st|nd|rd|th)\b/g, ''))?.[0] ?? '';
  const month = Math.max(MONTHS.indexOf(name), SPANISH.indexOf(name)) + 1;
  const numbers = [...text.matchAll(/\d+/g)].map(([digits]) => digits);
  const [day, second] = numbers.filter((digits) => digits.length <= 2);
  if (month === 0 || day === undefined) return [];
  const year = numbers.find((digits) => digits.length === 4) ?? second;
  return [{ year: fullYear(year), month, day: Number(day) }];
}

function fullYear(digits: string | undefined): number | null {
  if (digits === undefined) return null;
  return digits.length === 4 ? Number(digits) : Number(digits) + (Number(digits) > 30 ? 1900 : 2000);
}
