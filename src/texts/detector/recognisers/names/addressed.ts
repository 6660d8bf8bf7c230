import type { Known } from '../../known.ts';
import { type Word, wordsOf } from '../../names/words.ts';
import type { Match, Recogniser } from '../../recogniser.ts';
import type { View } from '../../views/view.ts';
import { isOwn, isStaff } from './exempt.ts';
import { callNames, isAddressee } from './patient.ts';

const GREETING =
  /^[\s"'(]*(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day)|morning|hiya|hola|buenos dias|buenas tardes|buenas noches|estimad[oa])(?:\s+(?:there|again))?[\s,!:-]+$/i;

const isGreeted = (word: Word, text: string): boolean => GREETING.test(text.slice(0, word.start));
/** "Rosa, your visit", "Thanks Rosa!", "See you then, Rosa." */
const isCalled = (word: Word, text: string): boolean =>
  (/^[\s"'(]*$/.test(text.slice(0, word.start)) && /^\s?[,:!-]/.test(text.slice(word.end))) ||
  (/(?:thanks|thank you|thx|ok|okay|yes|no|sure|sorry|welcome|gracias|great|perfect|see you|bye|then|soon|tomorrow|later|today|problem|course),?\s+$/i.test(
    text.slice(0, word.start),
  ) &&
    /^\s*(?:[.,!?]|$)/.test(text.slice(word.end)));

/** The first name of whom the text is for: a reminder says it, too. */
export const addressedName: Recogniser = {
  rule: 'name-addressed',
  kind: 'identifier',
  reads: 'words',
  find: (view, known) => addressed(view, known, false),
};

/** A greeting by a name that is not the patient's: it may be for somebody else. */
export const otherName: Recogniser = {
  rule: 'name-other',
  kind: 'identifier',
  reads: 'words',
  find: (view, known) => addressed(view, known, true),
};

function* addressed(view: View, known: Known, others: boolean): Generator<Match> {
  const { text } = view;
  const isKnown = known.names.length > 0;
  const called = callNames(known);
  for (const word of wordsOf(view)) {
    const isTheirs = isKnown && isAddressee(word, called) && !(word.isEveryday && !word.isLarge);
    if (isTheirs) {
      if (!others) yield word;
      continue;
    }
    const isNamed =
      word.isFirst || (word.isLarge && !word.isEveryday) || (word.isDoubtful && word.isLarge && isGreeted(word, text));
    if (!isNamed || !(isGreeted(word, text) || (isCalled(word, text) && (word.isFirst || word.isLast)))) continue;
    if (isStaff(text, word) || isOwn(word, text, known)) continue;
    if (isKnown === others) yield word;
  }
}
