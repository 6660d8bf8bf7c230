import { digitsOf, type Match, matches, type Recogniser } from '../../recogniser.ts';

/** What is on record about the patient, as it is written there or with other signs between: numbers, an address, an e-mail. */
export const knownOther: Recogniser = {
  rule: 'known',
  kind: 'identifier',
  reads: 'words',
  *find({ text }, { others, ownPhones }) {
    const own = ownPhones.map((phone) => digitsOf(phone).slice(-10)).filter((phone) => phone !== '');
    // Whoever works at the practice may have its number on record as their own.
    for (const other of others) if (!own.includes(digitsOf(other).slice(-10))) yield* occurrences(text, other);
  },
};

function* occurrences(text: string, written: string): Generator<Match> {
  const characters = written.toLowerCase().match(/[a-z0-9]/g) ?? [];
  // Four characters and less would be found everywhere.
  if (characters.length < 5) return;
  yield* matches(
    text.toLowerCase(),
    new RegExp(`(?<![a-z0-9])${characters.join('[^a-z0-9\\n]{0,2}')}(?![a-z0-9])`, 'g'),
  );
}
