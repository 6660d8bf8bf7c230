import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { canonicalBytes, commitmentOf } from '../../src/audit/commitment.ts';
import { appendLeaf, type CompactRange, emptyRange, rangeRoot } from '../../src/audit/compactRange.ts';
import {
  checkLog,
  type LeafRecord,
  type LogReport,
  type LogUnderTest,
  type PayloadState,
} from '../../src/audit/fsck.ts';
import { generateLogKey, logSigner } from '../../src/audit/keys.ts';
import { encodeLeaf, type Leaf, parseLeaf } from '../../src/audit/leaf.ts';
import { hashLeaf, merkleTree } from '../../src/audit/merkle.ts';
import { type NoteVerifier, parseVkey } from '../../src/audit/vkey.ts';
import { isoInstant } from '../../src/kernel/clock.ts';

const origin = 'one.example/wardroom';
const signer = logSigner(origin, generateLogKey());
const verifier = ((): NoteVerifier => {
  const parsed = parseVkey(signer.vkey);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
})();
const start = Date.parse('2026-11-22T08:00:00Z');

interface Log {
  readonly leaves: LeafRecord[];
  readonly history: string[];
  readonly checkpoint: string;
}

const payloadOf = (seq: number): Exclude<PayloadState, string> => ({
  salt: Buffer.alloc(32, seq % 251),
  bytes: canonicalBytes({ actor: `@person${seq}:one.example` }),
});

const leafOf = (seq: number, change: Partial<Leaf> = {}): Leaf => {
  const { salt, bytes } = payloadOf(seq);
  const time = isoInstant(start + seq * 100);
  return {
    v: 1,
    seq,
    ts: time,
    logged: time,
    actor: 'ab'.repeat(32),
    action: 'ticket.accepted',
    outcome: 'ok',
    commit: Buffer.from(commitmentOf(salt, bytes)).toString('hex'),
    class: 'audit',
    ...change,
  };
};

const record = (index: number, leaf: Leaf): LeafRecord => {
  const bytes = encodeLeaf(leaf);
  return { index, bytes, storedHash: hashLeaf(bytes), payload: payloadOf(leaf.seq) };
};

/** A log of `size` entries that was signed every `step` entries. */
const logOf = (size: number, step = 7, change: (seq: number) => Partial<Leaf> = () => ({})): Log => {
  const leaves = Array.from({ length: size }, (_, seq) => record(seq, leafOf(seq, change(seq))));
  const history: string[] = [];
  let range: CompactRange = emptyRange;
  const sign = (): void => void history.push(signCheckpoint({ size: range.size, root: rangeRoot(range) }, signer));
  sign();
  for (const { bytes } of leaves) {
    range = appendLeaf(range, hashLeaf(bytes));
    if (range.size % step === 0 || range.size === size) sign();
  }
  return { leaves, history, checkpoint: history.at(-1)! };
};

const check = (
  log: Partial<LogUnderTest> & Pick<LogUnderTest, 'leaves' | 'history' | 'checkpoint'>,
): Promise<LogReport> => checkLog({ log: verifier, ...log });
const codes = (report: LogReport): string[] => report.findings.map(({ code }) => code);
/** As an offline bundle would give them: no stored hashes, no history. */
const bare = (log: Log): Log => ({
  ...log,
  history: [],
  leaves: log.leaves.map(({ index, bytes }) => ({ index, bytes, payload: 'unchecked' })),
});

/** Pseudo-random, the same in every run. */
const seeded = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
};

const full = logOf(300);
const cut = (size: number): Log => {
  const root = merkleTree(full.leaves.slice(0, size).map(({ bytes }) => hashLeaf(bytes))).root();
  const checkpoint = signCheckpoint({ size, root }, signer);
  return {
    leaves: full.leaves.slice(0, size),
    history: [...full.history.slice(0, 1 + Math.floor((size - 1) / 7)), checkpoint],
    checkpoint,
  };
};

describe('checking a log', () => {
  it('finds nothing wrong with an untouched one of any size from 0 to 300', async () => {
    for (let size = 0; size <= 300; size++) {
      const log = size === 0 ? logOf(0) : cut(size);
      const report = await check(log);
      expect({ ok: report.ok, entries: report.entries, size: report.size, findings: report.findings }).toEqual({
        ok: true,
        entries: size,
        size,
        findings: [],
      });
      expect(log.checkpoint).toContain(`\n${report.root}\n`);
    }
  });

  it('finds nothing wrong with a log that was never begun', async () => {
    const report = await check({ leaves: [], history: [], checkpoint: null });
    expect(report).toMatchObject({
      ok: true,
      entries: 0,
      size: 0,
      root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
    });
  });

  const attacks: Record<
    string,
    { change: (log: Log, random: (below: number) => number) => LeafRecord[]; found: string[]; least?: number }
  > = {
    'one byte changed': {
      change: ({ leaves }, random) => {
        const at = random(leaves.length);
        const { bytes } = leaves[at]!;
        const other = Uint8Array.from(bytes);
        const place = random(other.length);
        other[place] = other[place]! ^ (1 << random(8));
        return leaves.with(at, { ...leaves[at]!, bytes: other });
      },
      found: ['entry-altered'],
    },
    'one entry rewritten together with its stored hash': {
      change: ({ leaves }, random) => {
        const at = random(leaves.length);
        const parsed = parseLeaf(leaves[at]!.bytes);
        if (!parsed.ok) throw new Error('no leaf');
        return leaves.with(at, record(at, { ...parsed.value, outcome: 'failed' }));
      },
      found: ['entry-altered'],
    },
    'one entry dropped': {
      change: ({ leaves }, random) => leaves.toSpliced(random(leaves.length - 1), 1),
      found: ['entry-missing'],
      least: 2,
    },
    'one entry dropped and the rest moved up': {
      change: ({ leaves }, random) =>
        leaves.toSpliced(random(leaves.length - 1), 1).map((leaf, index) => ({ ...leaf, index })),
      found: ['entry-missing'],
      least: 2,
    },
    'two entries swapped': {
      change: ({ leaves }, random) => {
        const a = random(leaves.length);
        const b = (a + 1 + random(leaves.length - 1)) % leaves.length;
        return leaves.with(a, { ...leaves[b]!, index: a }).with(b, { ...leaves[a]!, index: b });
      },
      found: ['entry-reordered'],
      least: 2,
    },
    'an entry invented in the middle': {
      change: ({ leaves }, random) => {
        const at = random(leaves.length);
        return leaves
          .toSpliced(at, 0, record(at, leafOf(at, { outcome: 'refused' })))
          .map((leaf, index) => ({ ...leaf, index }));
      },
      found: ['entry-inserted'],
    },
    'an entry invented at the end': {
      change: ({ leaves }) => [...leaves, record(leaves.length, leafOf(leaves.length))],
      found: ['entry-inserted'],
    },
    'the end cut off': {
      change: ({ leaves }, random) => leaves.slice(0, random(leaves.length)),
      found: ['log-truncated'],
    },
  };

  it.each(Object.entries(attacks))('finds %s at every size up to 300', async (_, { change, found, least = 1 }) => {
    const random = seeded(42);
    for (let size = least; size <= 300; size += size < 40 ? 1 : 13) {
      const log = cut(size);
      const leaves = change(log, random);
      const report = await check({ ...log, leaves });
      expect([size, report.ok, [...new Set(codes(report))]]).toEqual([size, false, found]);
      const offline = await check({ ...bare({ ...log, leaves }) });
      expect([size, offline.ok, offline.findings.length > 0]).toEqual([size, false, true]);
    }
  });

  it('names the very entry whose bytes were changed', async () => {
    const { leaves, ...rest } = cut(50);
    const bytes = Uint8Array.from(leaves[23]!.bytes);
    bytes[20] = bytes[20]! ^ 1;
    const report = await check({ ...rest, leaves: leaves.with(23, { ...leaves[23]!, bytes }) });
    expect(report.findings).toEqual([expect.objectContaining({ code: 'entry-altered', index: 23 })]);
  });

  it('narrows a rewritten entry down to the checkpoint that covers it first', async () => {
    const log = cut(50);
    const report = await check({ ...log, leaves: log.leaves.with(23, record(23, leafOf(23, { outcome: 'failed' }))) });
    expect(report.findings).toEqual([
      { code: 'entry-altered', index: 21, what: 'of the entries 21 to 27 at least one is not what was signed' },
    ]);
  });

  it('names the entry that is missing and both that were swapped', async () => {
    const { leaves, ...rest } = cut(50);
    expect((await check({ ...rest, leaves: leaves.toSpliced(30, 1) })).findings).toEqual([
      expect.objectContaining({ code: 'entry-missing', index: 30 }),
    ]);
    const swapped = leaves.with(3, { ...leaves[5]!, index: 3 }).with(5, { ...leaves[3]!, index: 5 });
    const places = (await check({ ...rest, leaves: swapped })).findings.map(({ code, index }) => [code, index]);
    expect(places.sort()).toEqual([
      ['entry-reordered', 3],
      ['entry-reordered', 5],
    ]);
  });

  it('finds an entry moved away from the end', async () => {
    const { leaves, ...rest } = cut(10);
    const report = await check({ ...rest, leaves: leaves.with(9, { ...leaves[9]!, index: 999 }) });
    expect(report.findings).toEqual([expect.objectContaining({ code: 'entry-reordered', index: 999 })]);
  });
});

describe('checking the checkpoints', () => {
  const log = cut(50);
  const other = logSigner(origin, generateLogKey());

  it('finds a changed size, root or signature', async () => {
    for (const [from, to] of [
      ['\n50\n', '\n49\n'],
      [origin, 'two.example/wardroom'],
      ['\n50\n', '\n050\n'],
    ] as const) {
      const report = await check({ ...log, checkpoint: log.checkpoint.replace(from, to) });
      expect([report.ok, codes(report)]).toEqual([false, ['checkpoint-altered']]);
    }
    expect(codes(await check({ ...log, checkpoint: 'nothing of the kind' }))).toEqual(['checkpoint-altered']);
  });

  it('finds one that another key signed, under the same name or its own', async () => {
    const root = merkleTree(log.leaves.map(({ bytes }) => hashLeaf(bytes))).root();
    for (const key of [other, logSigner('two.example', generateLogKey())]) {
      const report = await check({ ...log, checkpoint: signCheckpoint({ size: 50, root }, key) });
      expect([report.ok, codes(report)]).toEqual([false, ['wrong-key']]);
    }
  });

  it('finds an altered one in the history', async () => {
    const report = await check({ ...log, history: log.history.with(2, log.history[2]!.replace('\n14\n', '\n15\n')) });
    expect([report.ok, codes(report)]).toEqual([false, ['checkpoint-altered']]);
  });

  it('finds that the latest was taken away', async () => {
    expect(codes(await check({ ...log, checkpoint: null }))).toEqual(['checkpoint-missing']);
    expect(codes(await check({ leaves: [], history: log.history, checkpoint: null }))).toEqual([
      'log-truncated',
      'checkpoint-missing',
    ]);
  });

  it('finds an older one in the place of the latest, with and without the entries after it', async () => {
    expect(codes(await check({ ...log, checkpoint: log.history[3]! }))).toEqual(['checkpoint-rolled-back']);
    const cutBack = { ...log, leaves: log.leaves.slice(0, 21), checkpoint: log.history[3]! };
    expect(codes(await check(cutBack))).toEqual(['log-truncated', 'checkpoint-rolled-back']);
  });

  it('finds a fork that the same key signed, by a checkpoint kept elsewhere', async () => {
    const forked = logOf(60, 7, (seq) => (seq < 30 ? {} : { outcome: 'refused' }));
    expect((await check({ ...forked, history: forked.history })).ok).toBe(true);
    const report = await check({ ...forked, history: [log.history.at(-1)!] });
    expect([report.ok, codes(report)]).toEqual([false, ['entry-altered']]);
  });
});

describe('checking times and payloads', () => {
  it('finds a clock that went back, once for each time it did', async () => {
    const back = (seq: number): Partial<Leaf> =>
      seq < 20 || seq > 40 ? {} : { logged: isoInstant(start - 3_600_000 + seq) };
    const report = await check(logOf(50, 7, back));
    expect(report.findings).toEqual([expect.objectContaining({ code: 'clock-backwards', index: 20 })]);
  });

  it('allows the clocks of several machines to differ by two seconds', async () => {
    expect(
      (await check(logOf(50, 7, (seq) => (seq % 2 === 0 ? {} : { logged: isoInstant(start + seq * 100 - 1_900) })))).ok,
    ).toBe(true);
    expect(
      (await check(logOf(50, 7, (seq) => (seq !== 30 ? {} : { logged: isoInstant(start + seq * 100 - 2_200) })))).ok,
    ).toBe(false);
  });

  it('finds a payload, or its salt, that is not what the entry commits to', async () => {
    const log = logOf(10);
    const change = (payload: PayloadState): LeafRecord[] => log.leaves.with(4, { ...log.leaves[4]!, payload });
    const { salt, bytes } = payloadOf(4);
    const found = async (payload: PayloadState): Promise<string[]> =>
      codes(await check({ ...log, leaves: change(payload) }));
    expect(await found({ salt, bytes: Buffer.concat([bytes, Buffer.from(' ')]) })).toEqual(['payload-altered']);
    expect(await found({ salt: Buffer.alloc(32, 9), bytes })).toEqual(['payload-altered']);
    expect(await found({ salt: salt.subarray(1), bytes })).toEqual(['payload-altered']);
    expect(await found('unreadable')).toEqual(['payload-altered']);
    expect(await found('missing')).toEqual(['payload-missing']);
  });

  it('counts shredded payloads and takes them for no fault', async () => {
    const log = logOf(10);
    const leaves = log.leaves.map((leaf, index): LeafRecord => (index < 4 ? { ...leaf, payload: 'shredded' } : leaf));
    expect(await check({ ...log, leaves })).toMatchObject({ ok: true, shredded: 4, findings: [] });
  });

  it('lists a hundred findings of a kind and counts the rest', async () => {
    const log = logOf(300);
    const report = await check({
      ...log,
      leaves: log.leaves.map((leaf): LeafRecord => ({ ...leaf, payload: 'missing' })),
    });
    expect(report.findings).toHaveLength(101);
    expect(report.findings.at(-1)).toEqual({ code: 'more-findings', what: '200 more of payload-missing' });
  });
});
