import type { Checkpoint } from './checkpoint.ts';
import { commitmentOf } from './commitment.ts';
import { appendLeaf, emptyRange, rangeRoot } from './compactRange.ts';
import { collectFindings, type Finding, type Findings } from './findings.ts';
import { HASH_SIZE, sameBytes } from './hash.ts';
import { followHistory, readCheckpoint } from './history.ts';
import { parseLeaf } from './leaf.ts';
import { hashLeaf } from './merkle.ts';
import { checkSequence } from './sequence.ts';
import type { NoteVerifier } from './vkey.ts';

/** Clocks of several machines may differ by this much. */
const CLOCK_TOLERANCE_MS = 2_000;

/** What is known of an entry's payload: `shredded` = its key was destroyed, `unchecked` = the caller has no keys. */
export type PayloadState =
  | { readonly salt: Uint8Array; readonly bytes: Uint8Array }
  | 'shredded'
  | 'unchecked'
  | 'missing'
  | 'unreadable';

export interface LeafRecord {
  readonly index: number;
  readonly bytes: Uint8Array;
  /** The leaf's hash as stored beside it, where it is: finds the very entry that was altered. */
  readonly storedHash?: Uint8Array;
  readonly payload: PayloadState;
}

export interface LogUnderTest {
  /** In order of index. */
  readonly leaves: AsyncIterable<LeafRecord> | Iterable<LeafRecord>;
  /** Earlier checkpoints (notes), in order of size: they narrow down where the log was altered, and show a rollback. */
  readonly history: AsyncIterable<string> | Iterable<string>;
  /** The latest checkpoint (a note); null when there is none. */
  readonly checkpoint: string | null;
  readonly log: NoteVerifier;
}

export interface LogReport {
  /** No findings. */
  readonly ok: boolean;
  /** Entries found in the log. */
  readonly entries: number;
  /** What the latest checkpoint covers. */
  readonly size: number;
  /** Base64 of the root computed from the entries. */
  readonly root: string;
  readonly shredded: number;
  readonly findings: readonly Finding[];
}

/**
 * Recomputes a log from its entries and compares it with what its key signed. Reads each entry once and keeps
 * O(log n) of them. Finds every change by somebody without the key; who has the key as well can only be caught with
 * checkpoints kept elsewhere (put those into `history`).
 */
export const checkLog = async (
  { leaves, history, checkpoint, log }: LogUnderTest,
  findings: Findings = collectFindings(),
): Promise<LogReport> => {
  const head = checkpoint === null ? null : readCheckpoint(checkpoint, log, 'the latest checkpoint', findings);
  const sequence = checkSequence(findings);
  const anchors = followHistory(history, log, findings, () => sequence.isWhole());
  const clock = checkClock(findings);
  let range = emptyRange;
  let shredded = 0;

  for await (const { index, bytes, storedHash, payload } of leaves) {
    const hash = hashLeaf(bytes);
    const leaf = parseLeaf(bytes);
    const isAltered = !leaf.ok || (storedHash !== undefined && !sameBytes(hash, storedHash));
    if (isAltered) findings.add('entry-altered', `entry ${index} is not what was written`, index);
    sequence.see(index, isAltered ? null : leaf.value.seq);
    if (!isAltered) {
      if (sequence.isWhole()) clock.see(index, leaf.value.logged);
      checkPayload(index, leaf.value.commit, payload, findings);
    }
    if (payload === 'shredded') shredded++;
    // One entry late: an entry that was put in shows by the number of the next.
    await anchors.compare(range);
    range = appendLeaf(range, hash);
  }

  await anchors.compare(range);
  const next = sequence.finish();
  const largest = await anchors.finish();
  const known = Math.max(head?.size ?? 0, largest);
  if (next < known)
    findings.add('log-truncated', `entries ${next} to ${known - 1}, which checkpoints cover, are gone`, next);
  else if (head !== null && next > known)
    findings.add('entry-inserted', `entries ${known} to ${next - 1} are beyond the latest checkpoint`, known);
  compareHead(head, checkpoint, largest, range.size, rangeRoot(range), findings);
  const list = findings.list();
  return {
    ok: list.length === 0,
    entries: range.size,
    size: head?.size ?? 0,
    root: Buffer.from(rangeRoot(range)).toString('base64'),
    shredded,
    findings: list,
  };
};

/** The last comparisons: what has no place of its own yet is reported without one. */
const compareHead = (
  head: Checkpoint | null,
  note: string | null,
  largest: number,
  size: number,
  root: Uint8Array,
  findings: Findings,
): void => {
  if (note === null && (size > 0 || largest >= 0))
    findings.add('checkpoint-missing', 'there are entries, but no checkpoint');
  if (head === null) return;
  if (largest > head.size)
    findings.add(
      'checkpoint-rolled-back',
      `the latest checkpoint covers ${head.size} entries, an earlier one ${largest}`,
    );
  const isLocated = findings.has(
    'entry-altered',
    'entry-missing',
    'entry-reordered',
    'entry-inserted',
    'log-truncated',
  );
  if (!isLocated && size === head.size && !sameBytes(root, head.root))
    findings.add('entry-altered', 'the entries do not hash to the root that was signed');
};

const checkClock = (findings: Findings): { see(index: number, logged: string): void } => {
  let latest = 0;
  let isBehind = false;
  return {
    see(index, logged) {
      const time = Date.parse(logged);
      const wasBehind = isBehind;
      isBehind = time < latest - CLOCK_TOLERANCE_MS;
      if (isBehind && !wasBehind)
        findings.add('clock-backwards', `entry ${index} was logged at an earlier time than those before it`, index);
      latest = Math.max(latest, time);
    },
  };
};

const checkPayload = (index: number, commit: string, payload: PayloadState, findings: Findings): void => {
  if (payload === 'shredded' || payload === 'unchecked') return;
  if (payload === 'missing') {
    findings.add('payload-missing', `the payload of entry ${index} is gone, its key is not`, index);
    return;
  }
  const fits =
    payload !== 'unreadable' &&
    payload.salt.length === HASH_SIZE &&
    Buffer.from(commitmentOf(payload.salt, payload.bytes)).toString('hex') === commit;
  if (!fits) findings.add('payload-altered', `the payload of entry ${index} is not what the entry commits to`, index);
};
