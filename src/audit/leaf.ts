import { z } from 'zod';
import { err, ok, type Result } from '../kernel/result.ts';
import { canonicalBytes } from './commitment.ts';
import { sameBytes } from './hash.ts';

/** C2SP tlog-tiles: an entry's length is written in 16 bits. */
export const MAX_LEAF_BYTES = 65_535;

const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Words of our own vocabulary: nothing that a person typed fits. */
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$/);

const bodyShape = {
  v: z.literal(1),
  /** The machine's time when the entry was written. */
  ts: time,
  /** Business time, where it differs. */
  at: time.optional(),
  actor: digest,
  action: word,
  outcome: z.enum(['ok', 'refused', 'failed']),
  code: word.optional(),
  purpose: word.optional(),
  ruleId: word.optional(),
  policyHash: digest.optional(),
  roomRef: digest.optional(),
  eventRef: digest.optional(),
  patientRef: digest.optional(),
  ticketRef: digest.optional(),
  accountRef: digest.optional(),
  /** Salted commitment to the payload. */
  commit: digest,
  /** Retention class: which content key the payload is sealed under. */
  class: word,
};

const bodySchema = z.strictObject(bodyShape);
const leafSchema = z.strictObject({
  ...bodyShape,
  /** The leaf's index in the log. */
  seq: z.number().int().nonnegative(),
  /** The machine's time when the entry got its place: unlike `ts`, which late commits disorder, it must not go back. */
  logged: time,
});

/** An entry as written with its change: references and codes only (45 CFR 164.312(b)). */
export type LeafBody = z.infer<typeof bodySchema>;
/** An entry with its place in the log. */
export type Leaf = z.infer<typeof leafSchema>;

export const isWord = (text: string): boolean => word.safeParse(text).success;

/** Checks an entry before it is written: anything but references, codes and times is a bug and throws. */
export const leafBody = (fields: LeafBody): LeafBody => {
  const body = bodySchema.safeParse(fields);
  if (!body.success)
    throw new TypeError(`not an audit entry: ${body.error.issues.map((issue) => issue.path.join('.')).join(', ')}`);
  return body.data;
};

/** The bytes that are hashed: JCS (RFC 8785). Throws when they are too many. */
export const encodeLeaf = (leaf: Leaf): Uint8Array => {
  const bytes = canonicalBytes(leaf);
  if (bytes.length > MAX_LEAF_BYTES) throw new RangeError('audit entry too long');
  return bytes;
};

/** Reads a leaf; refuses what `encodeLeaf` would have written otherwise. */
export const parseLeaf = (bytes: Uint8Array): Result<Leaf, 'malformed'> => {
  if (bytes.length > MAX_LEAF_BYTES) return err('malformed');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return err('malformed');
  }
  const leaf = leafSchema.safeParse(value);
  return leaf.success && sameBytes(canonicalBytes(value), bytes) ? ok(leaf.data) : err('malformed');
};
