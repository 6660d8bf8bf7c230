import { matches, type Recogniser } from '../../recogniser.ts';

/** Words in a script that is not read: nobody can tell what they say. Letters that only look foreign are Latin by now. */
export const script: Recogniser = {
  rule: 'script',
  kind: 'health',
  reads: 'plain',
  find: ({ text }) => matches(text, /(?:(?!\p{Script=Latin})\p{L}){1,}/gu),
};
