/** What is wrong with a log. */
export type FindingCode =
  /** The bytes of an entry are not those that were signed, or cannot be read. */
  | 'entry-altered'
  | 'entry-missing'
  | 'entry-reordered'
  /** An entry that no checkpoint covers, or a number used twice. */
  | 'entry-inserted'
  /** Committed, but neither in the log nor waiting for its place. */
  | 'entry-unlogged'
  /** The end of the log that a checkpoint covers is gone. */
  | 'log-truncated'
  | 'checkpoint-missing'
  | 'checkpoint-altered'
  /** An older checkpoint stands in the place of the latest. */
  | 'checkpoint-rolled-back'
  /** Signed by a key that is not the log's. */
  | 'wrong-key'
  | 'payload-altered'
  | 'payload-missing'
  | 'clock-backwards'
  /** There is more of the same; counted, not listed. */
  | 'more-findings';

export interface Finding {
  readonly code: FindingCode;
  /** Index of the entry, where there is one; of a range, the first. */
  readonly index?: number;
  /** For people. Names no person and no content. */
  readonly what: string;
}

/** Collects findings in bounded memory: `limit` of each code are listed, the others counted. */
export interface Findings {
  add(code: FindingCode, what: string, index?: number): void;
  has(...codes: readonly FindingCode[]): boolean;
  list(): Finding[];
}

export const collectFindings = (limit = 100): Findings => {
  const listed: Finding[] = [];
  const counts = new Map<FindingCode, number>();
  return {
    add(code, what, index) {
      const count = (counts.get(code) ?? 0) + 1;
      counts.set(code, count);
      if (count <= limit) listed.push(index === undefined ? { code, what } : { code, index, what });
    },
    has: (...codes) => codes.some((code) => counts.has(code)),
    list: () => [
      ...listed,
      ...[...counts]
        .filter(([, count]) => count > limit)
        .map(([code, count]): Finding => ({ code: 'more-findings', what: `${count - limit} more of ${code}` })),
    ],
  };
};
