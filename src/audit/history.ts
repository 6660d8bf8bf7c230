import { type Checkpoint, type CheckpointFault, openCheckpoint } from './checkpoint.ts';
import { type CompactRange, rangeRoot } from './compactRange.ts';
import type { FindingCode, Findings } from './findings.ts';
import { sameBytes } from './hash.ts';
import type { NoteVerifier } from './vkey.ts';

const faults: Record<CheckpointFault, readonly [FindingCode, string]> = {
  malformed: ['checkpoint-altered', 'is not a signed note'],
  'not-a-checkpoint': ['checkpoint-altered', 'is not a checkpoint'],
  'bad-signature': ['checkpoint-altered', 'has a signature that does not fit its text'],
  'other-origin': ['checkpoint-altered', 'speaks of another log'],
  'no-known-key': ['wrong-key', "is not signed by the log's key"],
};

/** The checkpoint in a note; null, and a finding, when the log's key did not sign it or it is none. */
export const readCheckpoint = (
  note: string,
  log: NoteVerifier,
  which: string,
  findings: Findings,
): Checkpoint | null => {
  const opened = openCheckpoint(note, log);
  if (opened.ok) return opened.value;
  const [code, what] = faults[opened.error];
  findings.add(code, `${which} ${what}`);
  return null;
};

/** Compares a log, while it is recomputed, with the checkpoints that were signed as it grew. */
export interface HistoryCheck {
  /** Call it with every size of the log, from 0. */
  compare(range: CompactRange): Promise<void>;
  /** Reads the rest. Gives the largest size that the log's key ever signed; -1 when there is no history. */
  finish(): Promise<number>;
}

/**
 * `history` in order of size. `isWhole` tells whether every entry so far was in its place: otherwise no root can fit, and
 * a root that does not is no news.
 */
export const followHistory = (
  history: AsyncIterable<string> | Iterable<string>,
  log: NoteVerifier,
  findings: Findings,
  isWhole: () => boolean,
): HistoryCheck => {
  const notes = iterate(history);
  let next: Checkpoint | null | undefined;
  let agreed = 0;
  let isBroken = false;
  let largest = -1;

  /** The next checkpoint that can be read; null at the end. */
  const advance = async (): Promise<Checkpoint | null> => {
    for (let item = await notes.next(); !item.done; item = await notes.next()) {
      const checkpoint = readCheckpoint(item.value, log, 'a checkpoint of the history', findings);
      if (checkpoint === null) continue;
      largest = Math.max(largest, checkpoint.size);
      return checkpoint;
    }
    return null;
  };

  const compareWith = (anchor: Checkpoint, range: CompactRange): void => {
    if (anchor.size !== range.size || isBroken) return;
    if (sameBytes(anchor.root, rangeRoot(range))) {
      agreed = range.size;
      return;
    }
    isBroken = true;
    if (isWhole() && !findings.has('entry-altered'))
      findings.add(
        'entry-altered',
        `of the entries ${agreed} to ${range.size - 1} at least one is not what was signed`,
        agreed,
      );
  };

  return {
    async compare(range) {
      if (next === undefined) next = await advance();
      while (next !== null && next.size <= range.size) {
        compareWith(next, range);
        next = await advance();
      }
    },
    async finish() {
      while (next !== null) next = await advance();
      return largest;
    },
  };
};

async function* iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, undefined> {
  yield* items;
  return undefined;
}
