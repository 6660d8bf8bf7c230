import type { Findings } from './findings.ts';

/** Beyond this many places where the numbering breaks, only the fact is reported. */
const MAX_GAPS = 10_000;

interface Gap {
  /** Where in the log the numbering jumped. */
  readonly openedAt: number;
  readonly first: number;
  readonly last: number;
  readonly found: Set<number>;
}

/** Tells missing, moved and added entries apart by the numbers inside them, in one pass. */
export interface SequenceCheck {
  /** The entry stored at `index` says it is number `seq`; null when that cannot be known. */
  see(index: number, seq: number | null): void;
  /** Every entry so far was in its place. */
  isWhole(): boolean;
  /** Reports what is still missing. Gives the number that the next entry would have. */
  finish(): number;
}

export const checkSequence = (findings: Findings): SequenceCheck => {
  const gaps: Gap[] = [];
  let expected = 0;
  let previousIndex = -1;
  let isWhole = true;

  const jump = (index: number, seq: number): void => {
    isWhole = false;
    if (gaps.length < MAX_GAPS) gaps.push({ openedAt: index, first: expected, last: seq - 1, found: new Set() });
    else findings.add('entry-missing', 'entries are missing', expected);
    expected = seq + 1;
  };

  const late = (index: number, seq: number): void => {
    isWhole = false;
    const gap = gaps.find(({ first, last, found }) => seq >= first && seq <= last && !found.has(seq));
    if (gap === undefined) {
      findings.add('entry-inserted', `number ${seq} is used more than once`, index);
      return;
    }
    gap.found.add(seq);
    if (seq !== index) findings.add('entry-reordered', `entry ${seq} is stored in the place of ${index}`, index);
  };

  return {
    see(index, seq) {
      if (seq === null) expected++;
      else if (seq > expected) jump(index, seq);
      else if (seq < expected) late(index, seq);
      else {
        if (index !== previousIndex + 1) {
          isWhole = false;
          findings.add('entry-reordered', `entry ${seq} is stored at ${index}`, index);
        }
        expected++;
      }
      previousIndex = index;
    },
    isWhole: () => isWhole,
    finish() {
      for (const { openedAt, first, last, found } of gaps) {
        const missing = last - first + 1 - found.size;
        if (missing === 0)
          findings.add('entry-reordered', `entry ${last + 1} is stored in the place of ${openedAt}`, openedAt);
        else if (missing === 1) {
          let number = first;
          while (found.has(number)) number++;
          findings.add('entry-missing', `entry ${number} is missing`, number);
        } else findings.add('entry-missing', `${missing} entries from ${first} to ${last} are missing`, first);
      }
      return expected;
    },
  };
};
