import { err, ok, type Result } from '../kernel/result.ts';
import { HASH_SIZE, type Hash } from './hash.ts';
import { emptyRoot, hashNode } from './merkle.ts';

/**
 * The least that must be kept of a tree to append to it: the roots of its complete subtrees, largest first,
 * one for each bit that is set in `size`.
 */
export interface CompactRange {
  readonly size: number;
  readonly hashes: readonly Hash[];
}

export const emptyRange: CompactRange = { size: 0, hashes: [] };

/** The range with one more leaf. */
export const appendLeaf = (range: CompactRange, leafHash: Hash): CompactRange => {
  const hashes = [...range.hashes];
  let hash = leafHash;
  for (let left = range.size; left % 2 === 1; left = Math.floor(left / 2)) hash = hashNode(hashes.pop()!, hash);
  hashes.push(hash);
  return { size: range.size + 1, hashes };
};

/** The tree's root (RFC 6962 section 2.1). */
export const rangeRoot = ({ hashes }: CompactRange): Hash =>
  hashes.length === 0 ? emptyRoot : hashes.reduceRight((right, left) => hashNode(left, right));

/** The hashes one after the other. */
export const encodeRange = ({ hashes }: CompactRange): Uint8Array => Buffer.concat(hashes);

/** Fails when there are not as many hashes as a tree of this size needs. */
export const decodeRange = (size: number, bytes: Uint8Array): Result<CompactRange, 'malformed'> => {
  if (!Number.isSafeInteger(size) || size < 0 || bytes.length !== HASH_SIZE * countOnes(size)) return err('malformed');
  const hashes: Hash[] = [];
  for (let at = 0; at < bytes.length; at += HASH_SIZE) hashes.push(bytes.slice(at, at + HASH_SIZE));
  return ok({ size, hashes });
};

const countOnes = (size: number): number => size.toString(2).replaceAll('0', '').length;
