import { drugs, NOT_DRUGS, STEMS } from '../../lexicon/drugs.ts';
import { matches, type Recogniser } from '../../recogniser.ts';
import { words } from './words.ts';

/** Names of drugs: those of the list, and whatever ends like a generic name. */
export const drugNames: Recogniser = words('drug', 'health', drugs);

export const drugStems: Recogniser = {
  rule: 'drug',
  kind: 'health',
  reads: 'words',
  find: ({ text }) => matches(text.toLowerCase(), STEMS, ([word]) => word.length >= 6 && !NOT_DRUGS.has(word)),
};
