import type { Known } from '../../known.ts';
import { type Match, matches, type Recogniser } from '../../recogniser.ts';

const SUFFIX =
  'street|str|st|avenue|ave|av|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|terrace|ter|circle|cir|parkway|pkwy|highway|hwy|route|rte|square|sq|trail|trl|loop|row|alley|aly|way|crossing|xing|plaza|plz|point|pt|ridge|run|heights|hts|turnpike|tpke|expressway|close|grove|crescent|mews|walk|path|pike|bend|cove|hollow|landing|manor|meadow|park|pass|view|vista';
/** Words that stand between a number and such a word in an ordinary sentence. */
const ORDINARY =
  '(?:am|pm|a|p|at|see|with|for|to|and|on|in|the|of|or|by|is|are|we|you|your|our|min|mins|minutes?|hours?|hrs?|days?|weeks?|months?|years?|people|persons?|blocks?|miles?|free|off|from|if|please|before|after|until|more|other|times?|per|when|as|about|any|no|not|this|that|it|will|can)';
const WORD = `(?!${ORDINARY}\\b)[A-Za-z][A-Za-z'.]*|\\d{1,3}(?:st|nd|rd|th)`;
const ADDRESS = new RegExp(
  `(?<![\\d$/:.-])\\d{1,6}[A-Za-z]?\\s+(?:(?:n|s|e|w|ne|nw|se|sw|north|south|east|west)\\.?\\s+)?(?:(?:${WORD})\\s+){1,3}(?:${SUFFIX})(?![A-Za-z])\\.?(?:[\\s,]+(?:apt|apartment|unit|suite|ste|#|no)\\.?\\s*#?\\s?[A-Za-z0-9-]+)?`,
  'gi',
);
const UNIT = /(?<![a-z])(?:apt|apartment|unit|apto|depto)\.?\s*#?\s?(?:\d{1,5}[a-z]?|[a-z]\d{0,4})(?![a-z0-9])/gi;
const BOX = /(?<![a-z])p\.?\s?o\.?\s?box\s*#?\s?\d+/gi;
const CALLE =
  /(?<![a-z])(?:calle|avenida|av\.|avda\.?|carrera|paseo|camino|colonia|col\.|plaza)\s+(?:de\s+(?:la\s+|los\s+)?)?[A-Za-z][A-Za-z']*(?:\s+[A-Za-z][A-Za-z']*){0,2}[\s,#]+(?:no\.?\s?|num\.?\s?)?\d{1,5}/gi;

/** Streets and numbers, boxes, flats; not the practice's own address. */
export const address: Recogniser = {
  rule: 'address',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }, known) {
    const own = ownSpans(text, known);
    const foreign = (match: RegExpExecArray) => !isWithin(own, match);
    yield* matches(text, ADDRESS, foreign);
    yield* matches(text, UNIT, foreign);
    yield* matches(text, BOX, foreign);
    yield* matches(text, CALLE, foreign);
  },
};

const STATES =
  'AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR';
const STATE_NAMES =
  'alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|west virginia|wisconsin|wyoming';
const ZIP_AFTER_STATE = new RegExp(
  `(?<![A-Za-z])(?:${STATES}|${STATE_NAMES})\\.?[\\s,]+\\d{5}(?:-?\\d{4})?(?!\\d)`,
  'gi',
);
const ZIP_ANNOUNCED =
  /(?<![a-z])(?:zip|zip ?code|postal code|codigo postal|c\.?p\.?)(?![a-z])[^0-9\n]{0,12}\d{5}(?:-\d{4})?(?!\d)/gi;
const ZIP_PLUS_FOUR = /(?<![\d-])\d{5}-\d{4}(?![\d-])/g;
const BARE = /(?<![\d$#/.:-])\d{5}(?![\d/:-]|\.\d|,\d{3}|\s*(?:steps|people|patients|dollars|sq))/g;
/** A door, a short code: five digits that are of nobody. */
const OF_NOBODY =
  /(?:text|sms|to|code|door|gate|suite|ste|room|rm|press|dial|garage|parking|ext|extension)[\s:#]*(?:is\s*)?$/i;

export const zip: Recogniser = {
  rule: 'zip',
  kind: 'identifier',
  reads: 'joined',
  *find({ text }, known) {
    const own = ownSpans(text, known);
    const foreign = (match: RegExpExecArray) => !isWithin(own, match);
    yield* matches(text, ZIP_AFTER_STATE, foreign);
    yield* matches(text, ZIP_ANNOUNCED, foreign);
    yield* matches(text, ZIP_PLUS_FOUR, foreign);
    yield* matches(text, BARE, (match) => foreign(match) && !OF_NOBODY.test(text.slice(0, match.index)));
  },
};

const CITY = '[A-Z][a-z]+(?:[ -][A-Z][a-z]+){0,2}';
const CITY_STATE = new RegExp(`(?<![A-Za-z])${CITY},?\\s+(?:${STATES})(?![A-Za-z])`, 'g');
const CITY_STATE_LOOSE = new RegExp(
  `(?<![a-z])[a-z]{3,}(?:\\s[a-z]{3,})?,\\s?(?:${STATES}|${STATE_NAMES})(?![a-z])`,
  'gi',
);
const LIVES = new RegExp(
  `(?<![a-z])(?:[Ll]iv(?:e|es|ed|ing)|[Rr]esid(?:e|es|ed|ing)|[Mm]ov(?:e|es|ed|ing)(?: back)?|[Hh]ome|[Hh]ouse|[Aa]ddress|[Bb]ased|[Oo]riginally|[Vv]ive|[Vv]ives)\\s+(?:in|to|from|at|out in|over in|is|en)\\s+(?:the\\s+)?${CITY}`,
  'g',
);
const COUNTY = /(?<![A-Za-z])[A-Z][a-z]+(?:\s[A-Z][a-z]+)?\s(?:County|Parish|Township|Borough|Precinct)(?![A-Za-z])/g;

/** Towns and counties: "geographic subdivisions smaller than a state". */
export const place: Recogniser = {
  rule: 'place',
  kind: 'identifier',
  reads: 'plain',
  *find({ text }, known) {
    const own = ownSpans(text, known);
    const foreign = (match: RegExpExecArray) => !isWithin(own, match);
    yield* matches(text, CITY_STATE, foreign);
    yield* matches(
      text,
      CITY_STATE_LOOSE,
      (match) => foreign(match) && !/,\s?(?:in|or|me|hi|ok|la|de|id|al|ma|pa|co)$/.test(match[0]),
    );
    yield* matches(text, LIVES, foreign);
    yield* matches(text, COUNTY, foreign);
  },
};

/** Where the practice's own address or name stands. */
function ownSpans(text: string, { ownPlaces, ownNames }: Known): Match[] {
  const lower = text.toLowerCase();
  return [...ownPlaces, ...ownNames].flatMap((own) => {
    const wanted = own.toLowerCase().trim();
    const spans: Match[] = [];
    for (let at = wanted === '' ? -1 : lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1))
      spans.push({ start: at, end: at + wanted.length });
    return spans;
  });
}

/** A match that touches an own span is the practice's: "12 Lark Street, Suite 4". */
const isWithin = (own: readonly Match[], { index, 0: text }: RegExpExecArray): boolean =>
  own.some(({ start, end }) => index < end && start < index + text.length);
