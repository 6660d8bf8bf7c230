import { phrases, unspacedPhrases } from './phrases.ts';
import { compact, distance, looksLike, unaccented, visible, words } from './readings.ts';
import {
  FILLERS,
  HELP_WORDS,
  NOT_MISSPELT,
  reservedWords,
  START_WORDS,
  STOP_WORDS,
  STOP_WORDS_MARKED,
  STOP_WORDS_UNMARKED,
  WEAK_STOP_WORDS,
} from './words.ts';

/**
 * What a text from a patient's telephone asks for before anybody reads it.
 * `stop`: a keyword. `stop-phrase`: understood as one; stopped at once like the other, and a person looks at it.
 */
export type Keyword =
  | { readonly keyword: 'stop'; readonly means: 'stop' }
  | { readonly keyword: 'stop-phrase'; readonly means: 'stop' | 'wrong-number' }
  | { readonly keyword: 'start' }
  | { readonly keyword: 'help' };

/** Somebody's telephone quotes our own text to say that they like it ("Reply STOP to end" is in there). */
const TAPBACK =
  /^\s*(?:(?:LIKED|LOVED|DISLIKED|LAUGHED AT|EMPHASI[SZ]ED|QUESTIONED|REACTED \S+ TO|REMOVED (?:A|AN) \S+ FROM|LE GUSTÓ|LE ENCANTÓ)|\p{Extended_Pictographic}+\s+TO)\s*[“"«']/u;

/**
 * Reads STOP, START and HELP in any reasonable wording, spelling, alphabet and of many languages (47 CFR 64.1200(a)(10); reference chapter 5). STOP wins
 * over every other reading. Null: an ordinary text, passed on to the care team. YES is none: only whoever asked knows what it answers. A
 * telephone of staff is never asked.
 */
export function readKeyword(text: string): Keyword | null {
  const seen = visible(text);
  if (TAPBACK.test(seen)) return null;
  const readings = readingsOf(seen);
  if (readings.some(isStopWord) || isStopSign(seen) || isDisguised(seen)) return { keyword: 'stop', means: 'stop' };
  if (readings.some(isOnlyStop)) return { keyword: 'stop', means: 'stop' };
  const phrase = phraseIn(readings);
  if (phrase !== null) return { keyword: 'stop-phrase', means: phrase };
  if (isSomebodyElse(text)) return { keyword: 'stop-phrase', means: 'wrong-number' };
  if (readings.some(isMisspelt) || isSaidAmongOthers(seen) || readings.some(isWeakStop) || startsShouting(text))
    return { keyword: 'stop-phrase', means: 'stop' };
  if (readings.some((reading) => START_WORDS.has(reading))) return { keyword: 'start' };
  if (readings.some((reading) => HELP_WORDS.has(reading))) return { keyword: 'help' };
  return null;
}

/** Whether a template may not ask for this answer: carriers or we would act on it. */
export const isReservedWord = (answer: string): boolean =>
  readKeyword(answer) !== null || readingsOf(visible(answer)).some((reading) => reservedWords.includes(reading));

/** As it was written, without accents, and as it looks in Latin letters. */
function readingsOf(seen: string): readonly string[] {
  const marked = words(seen);
  const plain = unaccented(marked);
  return [...new Set([plain, marked, looksLike(plain), unaccented(looksLike(marked))])].concat(
    STOP_WORDS_MARKED.has(marked.normalize('NFC')) ? ['STOP'] : [],
    marked === plain && STOP_WORDS_UNMARKED.has(plain) ? ['STOP'] : [],
  );
}

const isStopWord = (reading: string): boolean => STOP_WORDS.has(reading);
const isStopSign = (seen: string): boolean => /^[\s!.]*(?:[🛑⛔🚫][\s!.]*)+$/u.test(seen);

const COMPACT_STOPS: ReadonlySet<string> = new Set(
  [...STOP_WORDS].map((word) => word.replaceAll(' ', '')).filter((word) => word.length >= 4 || word === 'END'),
);
const RUN_TOGETHER =
  /^(?:PLEASE|PLS|PLZ)?(?:STOP)+(?:IT|ALL|NOW|THIS|PLEASE|PLS|PLZ|TEXTING|TEXTINGME|TEXTS?|MESSAGES|SENDING|SPAM)?$/;

/** S.T.O.P, S T 0 P, $TOP, ST OP, STOPSTOP, pleasestop. */
function isDisguised(seen: string): boolean {
  if (seen.length > 80 || hasNumberBesideWords(seen)) return false;
  const letters = unaccented(compact(seen));
  return [letters, looksLike(letters)].some((one) => COMPACT_STOPS.has(one) || RUN_TOGETHER.test(one));
}

/** "Cancel 3" is no way to write CANCELE. */
const hasNumberBesideWords = (seen: string): boolean =>
  /(?<![\p{L}\p{N}])\p{N}+(?![\p{L}\p{N}])/u.test(seen) && /\p{L}{3}/u.test(seen);

const STRONG = (word: string): boolean => STOP_WORDS.has(word) && !WEAK_STOP_WORDS.has(word);
const isKeyword = (word: string): boolean => STOP_WORDS.has(word) || START_WORDS.has(word) || HELP_WORDS.has(word);

/** Keywords and politeness, and nothing else. */
function isOnlyStop(reading: string): boolean {
  const each = reading.split(' ');
  if (each.length > 12) return false;
  if (each.some(STRONG) && each.every((word) => isKeyword(word) || FILLERS.has(word) || /^\d+$/.test(word)))
    return true;
  const whole = withoutPoliteness(each);
  return STRONG(whole) && whole.includes(' ');
}

function isWeakStop(reading: string): boolean {
  const each = reading.split(' ');
  return each.length <= 6 && each.some(isStopWord) && each.every((word) => isKeyword(word) || FILLERS.has(word));
}

/** The keyword of several words that is left without what is polite before and after it; empty: there is none. */
function withoutPoliteness(each: readonly string[]): string {
  for (let first = 0; first < each.length; first += 1) {
    for (let end = each.length; end > first; end -= 1) {
      const whole = each.slice(first, end).join(' ');
      if (STOP_WORDS.has(whole)) return whole;
      if (!FILLERS.has(each[end - 1] ?? '')) break;
    }
    if (!FILLERS.has(each[first] ?? '')) break;
  }
  return '';
}

const MISSPELT_WORDS = ['STOP', 'STOPP', 'CANCEL', 'REVOKE', 'OPTOUT', 'UNSUBSCRIBE'] as const;

function isMisspelt(reading: string): boolean {
  const each = reading.split(' ').filter((word) => !FILLERS.has(word));
  if (each.some(isNearlyUnsubscribe) && !/(?:DONT|DO NOT|DIDNT|DID NOT|NEVER|NOT)(?: \w+){0,3} UN?S?U?B/u.test(reading))
    return true;
  const [word] = each;
  if (each.length !== 1 || word === undefined || NOT_MISSPELT.has(word)) return false;
  return MISSPELT_WORDS.some((meant) => word.length >= 4 && distance(word, meant) <= (meant.length > 8 ? 2 : 1));
}

/** Nothing else looks like it, so it counts wherever it stands. */
const isNearlyUnsubscribe = (word: string): boolean =>
  /^UNS?U?B?S?CR?I?B?E?[DS]?$/u.test(word) && word.length >= 7
    ? true
    : word.length >= 8 && /^U/u.test(word) && distance(word, 'UNSUBSCRIBE') <= 2;

/** One whole sentence or line of it is a keyword: "Stop. My name is Maria." Questions are questions. */
function isSaidAmongOthers(seen: string): boolean {
  const parts = seen.match(/[^.!?;,\n\r:–—]+[.!?;,\n\r:–—]*|\S+ - /gu) ?? [];
  return parts.some((part) => {
    if (part.includes('?')) return false;
    return readingsOf(part).some(isOnlyStop);
  });
}

/** STOP in capitals and then who says it: "STOP Maria Lopez". */
const startsShouting = (text: string): boolean =>
  /^\s*STOP\b(?:\s+-)?(?:\s+(?!I\b)\p{Lu}[\p{L}.'-]*){1,3}\s*$/u.test(text);

/** "I'm not Karen": nothing else is written with a capital in the middle of a short text. */
const isSomebodyElse = (text: string): boolean => !NO_NAME.test(text) && SOMEBODY_ELSE.test(text);
const SOMEBODY_ELSE =
  /^\s*(?:(?:\p{L}+,? ){0,2}(?:[Ii]['’]?m|[Ii] am|[Tt]his is|[Ii]t['’]?s|[Ii]t is) not|[Nn]ot) (?:(?:Mr|Mrs|Ms|Miss)\.? )?\p{Lu}\p{Ll}+\s*[.!]*\s*$|^\s*(?:[Tt]here(?:['’]?s| is) )?[Nn]o \p{Lu}\p{Ll}+ (?:here|at this (?:number|phone))\s*[.!]*\s*$/u;
const NO_NAME =
  /(?:not|no) (?:today|tomorrow|tonight|yet|sure|now|really|well|good|bad|ok|okay|fine|working|available|ready|here|there|needed|necessary|interested|urgent|anymore|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december|medicare|medicaid|english|spanish|covid|one|appointments?|messages?)(?!\p{L})/iu;

function phraseIn(readings: readonly string[]): 'stop' | 'wrong-number' | null {
  const found = [...phrases, ...unspacedPhrases].filter(({ pattern, unless }) =>
    readings.some((reading) => pattern.test(reading) && !(unless?.test(reading) ?? false)),
  );
  return found.find(({ means }) => means === 'wrong-number')?.means ?? found[0]?.means ?? null;
}
