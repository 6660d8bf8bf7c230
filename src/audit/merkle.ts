import { type Hash, sha256 } from './hash.ts';

const LEAF = Uint8Array.of(0x00);
const NODE = Uint8Array.of(0x01);

/** Root of the tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1). */
export const emptyRoot: Hash = sha256();

/** RFC 6962 section 2.1: the prefix keeps a leaf from passing for a node. */
export const hashLeaf = (data: Uint8Array): Hash => sha256(LEAF, data);

/** RFC 6962 section 2.1. */
export const hashNode = (left: Hash, right: Hash): Hash => sha256(NODE, left, right);

/** A tree held in memory. Sizes and indexes outside it throw a RangeError. */
export interface MerkleTree {
  readonly size: number;
  /** MTH of the first `size` leaves (RFC 6962 section 2.1). */
  root(size?: number): Hash;
  /** The path of leaf `index` in the tree of the first `size` leaves, from its sibling to the root's child (section 2.1.1). */
  inclusionProof(index: number, size?: number): Hash[];
  /** Shows that the tree of `oldSize` leaves is the beginning of the tree of `size` leaves (section 2.1.2). */
  consistencyProof(oldSize: number, size?: number): Hash[];
}

/** Builds the tree over these leaf hashes; keeps every complete subtree, so proofs cost O(log n) hashes or fewer. */
export const merkleTree = (leafHashes: readonly Hash[]): MerkleTree => {
  const levels = completeSubtrees(leafHashes);
  const all = leafHashes.length;

  /** MTH(D[start:end]) where `start` is a multiple of the largest power of two below the length. */
  const subtree = (start: number, end: number): Hash => {
    const length = end - start;
    if (length === 0) return emptyRoot;
    const level = 31 - Math.clz32(length);
    if (length === 2 ** level) return levels[level]![start / length]!;
    const split = start + largestPowerOfTwoBelow(length);
    return hashNode(subtree(start, split), subtree(split, end));
  };

  const inclusion = (index: number, start: number, end: number): Hash[] => {
    if (end - start === 1) return [];
    const split = start + largestPowerOfTwoBelow(end - start);
    return index < split
      ? [...inclusion(index, start, split), subtree(split, end)]
      : [...inclusion(index, split, end), subtree(start, split)];
  };

  const consistency = (old: number, start: number, end: number, isWhole: boolean): Hash[] => {
    if (old === end) return isWhole ? [] : [subtree(start, end)];
    const split = start + largestPowerOfTwoBelow(end - start);
    return old <= split
      ? [...consistency(old, start, split, isWhole), subtree(split, end)]
      : [...consistency(old, split, end, false), subtree(start, split)];
  };

  return {
    size: all,
    root: (size = all) => subtree(0, within(size, 0, all)),
    inclusionProof: (index, size = all) => inclusion(within(index, 0, within(size, 1, all) - 1), 0, size),
    consistencyProof(oldSize, size = all) {
      within(oldSize, 0, within(size, 0, all));
      return oldSize === 0 ? [] : consistency(oldSize, 0, size, true);
    },
  };
};

const completeSubtrees = (leafHashes: readonly Hash[]): Hash[][] => {
  const levels: Hash[][] = [[...leafHashes]];
  for (let below = levels[0]!; below.length > 1; ) {
    const level: Hash[] = [];
    for (let i = 0; i + 1 < below.length; i += 2) level.push(hashNode(below[i]!, below[i + 1]!));
    levels.push(level);
    below = level;
  }
  return levels;
};

/** For n >= 2: the k of RFC 6962 section 2.1. */
const largestPowerOfTwoBelow = (n: number): number => 2 ** (31 - Math.clz32(n - 1));

const within = (value: number, least: number, most: number): number => {
  if (!Number.isInteger(value) || value < least || value > most) throw new RangeError('outside the tree');
  return value;
};
