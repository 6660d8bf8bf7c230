import type { Sample } from '../corpus/generate.ts';
import type { Claim, Seen } from '../score.ts';

const touches = (one: { start: number; end: number }, other: { start: number; end: number }) =>
  one.start < other.end && other.start < one.end;

/**
 * What another package saw, judged as kindly as it can be: what it says of the practice's own telephone, name or address, of the first name or of
 * the day of a reminder does not count as keeping a text back, though nobody told it of them.
 */
export function kindly(claims: readonly Claim[], { harmless, gold }: Sample): Seen {
  const excused = [...harmless, ...gold.filter(({ label }) => label === 'date')];
  return { claims, holds: claims.some((claim) => !excused.some((span) => touches(claim, span))) };
}

/** Where words that a package reports stand, in the order in which it reports them. */
export function located(text: string, words: readonly { readonly text: string; readonly rule: string }[]): Claim[] {
  let from = 0;
  return words.flatMap((word) => {
    const start = text.indexOf(word.text, from);
    if (start === -1) return [];
    from = start + word.text.length;
    return [{ start, end: from, rule: word.rule }];
  });
}
