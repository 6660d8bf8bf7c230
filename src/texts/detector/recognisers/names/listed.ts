import type { Known } from '../../known.ts';
import { type Word, wordsOf } from '../../names/words.ts';
import type { Match, Recogniser } from '../../recogniser.ts';
import type { View } from '../../views/view.ts';
import { isOwn, isStaff } from './exempt.ts';
import { callNames, isAddressee } from './patient.ts';

/** Somebody whose name follows for certain, whatever it is. */
const STRONG =
  /(?:^|[^A-Za-z])(?:mr|mrs|ms|miss|mx|mister|sr|sra|srta|senor|senora|don|dona|patients?|pts?|client|named|name(?: is|:)?|called|son|daughter|wife|husband|mother|father|mom|dad|mum|brother|sister|spouse|partner|boyfriend|girlfriend|fianc[ee]*|uncle|aunt|cousin|grandma|grandpa|grandmother|grandfather|nephew|niece|caregiver|guardian|next of kin|emergency contact|baby|paciente|hijo|hija|esposo|esposa|madre|padre|hermano|hermana|subscriber|guarantor|insured|policy ?holder|hubby|wifey|kiddo|neighbor|roommate|employer)(?:'s)?(?:\s(?:is|was|name is|last name|first name|de nombre))?[.:,]?\s*$/i;
/** Somebody may follow: only a listed name. */
const WEAK =
  /(?:^|[^A-Za-z])(?:for|about|with|regarding|re|from|of|to|and|tell|told|by|ask|asked|remind|contact|reach|bring|sent|send|give|gave|para|sobre|con|a|y|de)[:,]?\s*$/i;
/** Whoever is told something: a large word, in no list or in one. */
const TOLD = /(?:^|[^A-Za-z])(?:tell|told|remind|reminded|asked|inform|informed|notify|notified)\s+$/i;
/** What only follows a patient's name: "marcin machalek, dob". */
const ON_RECORD = /^\s*[,(:-]?\s*(?:dob|d\.o\.b|born|date of birth|mrn|ssn)(?![a-z])/i;
/** What belongs to a patient, and so tells that the word before is one. */
const BELONGS =
  /^'?s?\s+(?:results?|appointments?|appt|visit|surgery|chart|labs?|meds?|medications?|refills?|insurance|prescriptions?|records?|test|tests|scan|biopsy|procedure|follow|referral|account|bill|balance|claim|paperwork|forms?|mother|mom|father|dad|wife|husband|son|daughter|blood|x-ray|mri|dose|treatment|condition|care|case|file|room|discharge|diagnosis|temperature|fever|in (?:bed|room|icu|the er|surgery|recovery)|is (?:ready|due|scheduled|here|sick|not|still|doing|being|now|feeling|having|on|in|at|our)|was (?:seen|admitted|discharged|here|given|told|born|scheduled|diagnosed)|has (?:a|an|been|not|his|her|missed|to|no)|had (?:a|an|his|her)|needs|missed|called|came|left|lives|takes|took|will|should|can|did|does|went|got|tested|asked|wants|said|reports?|continues|presented|complains|denies|weighs|turns|turned)\b/i;

/**
 * Names by lists, writing and what stands around them, for when nobody knows whom a text is about. One name is found once, with all of its words.
 */
export const listedName: Recogniser = {
  rule: 'name',
  kind: 'identifier',
  reads: 'words',
  find: (view, known) => namesIn(view, known),
};

function* namesIn(view: View, known: Known): Generator<Match> {
  const { text } = view;
  const words = wordsOf(view);
  const called = callNames(known);
  let done = -1;
  for (const [i, word] of words.entries()) {
    if (i <= done) continue;
    const before = text.slice(Math.max(0, word.start - 30), word.start);
    if (isStaff(text, word)) {
      // "Dr. Rosa Amsel": the rest of the name is the clinician's, too.
      done = lastOf(words, i);
      continue;
    }
    if (isOwn(word, text, known)) continue;
    const last = nameFrom(words, i, before, text);
    if (last === null) continue;
    const end = words[last] ?? word;
    done = last;
    // The patient's own first name alone is `name-addressed`.
    if (last === i && isAddressee(word, called)) continue;
    if (last > i && isOwn(end, text, known)) continue;
    yield { start: word.start, end: end.end };
  }
}

/** Where the name that begins at this word ends; null: none begins. */
function nameFrom(words: readonly Word[], i: number, before: string, text: string): number | null {
  const word = words[i]!;
  const next = neighbour(words, i + 1);
  const after = text.slice(word.end, word.end + 30);
  if (STRONG.test(before) && mayBeName(word)) return lastOf(words, i);
  if (next && isPair(word, next, words[i + 2])) return lastOf(words, i + 1);
  if (next && isStrange(word) && isStrange(next) && (areLarge(word, next) || ON_RECORD.test(text.slice(next.end))))
    return lastOf(words, i + 1);
  const turned = words[i + 1];
  if (turned && /^,\s?$/.test(turned.gap) && isTurned(word, turned)) return i + 1;
  if (!word.isEveryday && (word.isLarge || word.isFirst) && TOLD.test(before)) return lastOf(words, i);
  if (next && word.isFirst && WEAK.test(before) && isStrange(next) && !ORDINARY.test(next.lower)) return i + 1;
  const isListed = word.isFirst || word.isLast;
  if (isListed && word.isLarge && (WEAK.test(before) || BELONGS.test(after))) return i;
  if (word.isLarge && !word.isEveryday && BELONGS.test(after) && /^'s/.test(after)) return i;
  if (isListed && word.isFirst && !word.isLarge && STRONG.test(before)) return i;
  return null;
}

/** No everyday word, and long enough to be a name. */
const isStrange = (word: Word): boolean => !word.isEveryday && word.text.length >= 3;
/** Written large, but not in large letters only: `MRI`, `CBC`. */
const areLarge = (...words: readonly Word[]): boolean =>
  words.every(({ isLarge, text }) => isLarge && /[a-z]/.test(text));

/** "Delgado, Rosa": written large, or both in the lists. */
function isTurned(last: Word, first: Word): boolean {
  const areNames =
    (last.isLast || last.isFirst || isStrange(last)) && (first.isFirst || first.isDoubtful || isStrange(first));
  return areNames && (areLarge(last, first) || ((last.isLast || last.isFirst) && first.isFirst));
}

/** First name and surname, a middle initial between them or not. */
function isPair(one: Word, other: Word, third: Word | undefined): boolean {
  if (other.text.length === 1 && third && /^\.?\s$/.test(third.gap))
    return one.isLarge && (one.isFirst || one.isDoubtful) && third.isLarge && !third.isEveryday;
  if (one.isLarge && other.isLarge) {
    if (one.isFirst && !(other.isEveryday && !other.isDoubtful)) return true;
    if (one.isDoubtful && other.isLast) return true;
    if (other.isLast && !one.isEveryday) return true;
    return false;
  }
  if (one.isLarge !== other.isLarge) return one.isFirst && other.isLast;
  return one.isFirst && (other.isLast || (other.isFirst && other.lower.length > 3));
}

/** A name may follow a title in small letters, too: "mrs delgado", if it is no everyday word. */
const mayBeName = (word: Word): boolean =>
  word.isLarge
    ? !word.isEveryday || word.isDoubtful
    : !word.isEveryday && (word.isFirst || word.isLast || word.lower.length > 4) && !ORDINARY.test(word.lower);

/** Words that follow "patient" or "son" in small letters and name nobody. */
const ORDINARY =
  /(?:ing|ed|tion|ment|ness|able|ible|ful|less|ly|ity|ies|ance|ence|ous|ive|ical|ology)$|^(?:portal|portals|forms?|rights|safety|advocate|lounge|liaison|should|would|could|might|there|their|about|after|before|where|which|while|until|under|other|drop|entrance|elevator|elevators|wants|needs|comes|likes|lives|works|stays|records|experience|tower|gown|shuttle|services|relations|navigator|intake|access|financial|education|support|info|booklet|handbook|number|names?|first|last|please|asked|today|still|always|never)$/;

/** The next word, if it follows as a name's second word does. */
const neighbour = (words: readonly Word[], i: number): Word | undefined =>
  words[i] && follows(words[i - 1], words[i]) ? words[i] : undefined;

/** A full stop between two words ends a sentence, unless it is an initial's. */
const follows = (one: Word | undefined, other: Word): boolean =>
  /^ {1,2}$/.test(other.gap) || (/^\. {1,2}$/.test(other.gap) && one?.text.length === 1);

/** How far a name goes on: large words that are no everyday ones, initials, small surnames. */
function lastOf(words: readonly Word[], i: number): number {
  let last = i;
  for (let next = i + 1; next <= i + 3; next += 1) {
    const word = words[next];
    if (!word || !follows(words[next - 1], word)) break;
    const goesOn = word.isLarge ? !word.isEveryday || word.isDoubtful : word.isLast && words[last]?.isFirst;
    if (!goesOn) break;
    last = next;
  }
  return last;
}
