import type { Terms } from '../../lexicon/terms.ts';
import { type Match, matches, type Recogniser } from '../../recogniser.ts';
import { Slips } from './slips.ts';

/** Where a term means something else: a letter's "std. rates may apply", physical therapy's "rehab". */
const HARMLESS: readonly RegExp[] = [
  /(?<![a-z])(?:std\.? (?:msg|message|text|data|rate)\w*|first aid|(?:which|what|your|preferred|the) pharmacy|(?:son|daughter|child|mother|father)-in-law|[a-z]+ (?:son|daughter)-in-law|(?:left|right)[ -]hand (?:side|door|turn|lane|entrance)|physical therapist|cardiac rehab|pulmonary rehab|massage therapist|the children's|kids' menu|custody of your|color chart|seating chart|stress (?:free|less))(?![a-z])/g,
];

/** Finds terms in every view; long words with a slip of the pen, too. */
export function words(rule: string, kind: Recogniser['kind'], list: Terms): Recogniser {
  const slips = new Slips(list.long);
  return {
    rule,
    kind,
    reads: 'words',
    *find({ text }): Generator<Match> {
      const lower = text.toLowerCase();
      const harmless = HARMLESS.flatMap((pattern) => [...matches(lower, pattern)]);
      const inside = ({ start, end }: Match) => harmless.some((span) => span.start <= start && end <= span.end);
      for (const match of matches(lower, list.pattern)) if (!inside(match)) yield match;
      for (const match of matches(lower, /(?<![a-z])[a-z]{6,}(?![a-z])/g))
        if (slips.has(lower.slice(match.start, match.end)) && !inside(match)) yield match;
      for (const match of matches(lower, /(?<![a-z])[a-z]{0,24}([a-z])\1\1[a-z]{0,24}/g)) {
        const once = lower.slice(match.start, match.end).replace(/([a-z])\1{2,}/g, '$1');
        if ([...matches(once, list.pattern)].length > 0) yield match;
      }
    },
  };
}

/** Finds what has a form. `lower`: the pattern is written for lower case. */
export function form(
  rule: string,
  kind: Recogniser['kind'],
  pattern: RegExp,
  { lower = true, unless }: { readonly lower?: boolean; readonly unless?: RegExp } = {},
): Recogniser {
  return {
    rule,
    kind,
    reads: 'joined',
    find: ({ text }) => {
      const read = lower ? text.toLowerCase() : text;
      return unless?.test(read) ? [] : matches(read, pattern);
    },
  };
}
