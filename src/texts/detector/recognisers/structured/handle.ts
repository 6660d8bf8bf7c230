import { matches, type Recogniser } from '../../recogniser.ts';

/** A name in a social network. */
export const handle: Recogniser = {
  rule: 'handle',
  kind: 'identifier',
  reads: 'plain',
  find: ({ text }) => matches(text, /(?<![\w@./])@[A-Za-z_][A-Za-z0-9_.]{2,}/g),
};
