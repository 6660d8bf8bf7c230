import {
  appendLeaf,
  type CompactRange,
  decodeRange,
  emptyRange,
  encodeRange,
  rangeRoot,
} from '../../src/audit/compactRange.ts';
import type { Hash } from '../../src/audit/hash.ts';
import { hashLeaf, merkleTree } from '../../src/audit/merkle.ts';
import { verifyConsistency, verifyInclusion } from '../../src/audit/proofs.ts';

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
const base64 = (hash: Uint8Array): string => Buffer.from(hash).toString('base64');
const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');

/** The Certificate Transparency test set. */
const ctLeaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ctRoots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** Thirteen leaves, with proofs that Go's sumdb/tlog accepts. */
const thirteen = Array.from({ length: 13 }, (_, i) => hashLeaf(Buffer.from(`entry ${i}`)));
const inclusion5of13 = [
  'SFM123z+yWXxX/dF/GJcQdXqJkaTaTAWWCj3PdS2iFQ=',
  '/w4ywg/2W5esELOyZ3uHKqPVoCh9lFesukflfPSkpz8=',
  'l5nzB1F+9RfCIF35tndivzR1ayAJn7ffzOdrzr0nOy4=',
  'ptHeE8xxqg97JCQwB7g6+9U/EkhyVHQq0jihTdMoi3Y=',
];
const consistency7to13 = [
  'vhV4G2KKKEFMHIoRuG24Qi+hBBIV/g18RJbSPNoeQUI=',
  'Rn73BqsCMMU7SGYrU3boFVbdCx4Ss2dBA/9z7i4Fh/Q=',
  '3QN52DrH8WTn7qMM3O+1dQglTEj3Zq/M09l2Nl4yjMw=',
  'l5nzB1F+9RfCIF35tndivzR1ayAJn7ffzOdrzr0nOy4=',
  'ptHeE8xxqg97JCQwB7g6+9U/EkhyVHQq0jihTdMoi3Y=',
];
const thirteenRoots: ReadonlyArray<readonly [number, string]> = [
  [1, 'dziFphNIniTOLPdhmdakI/BC5LvxLX7s7pEu8nbGVwE='],
  [2, 'WkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A='],
  [3, 'lPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk='],
  [7, 'mMl/C6MXXNCLAx3QhLncTmSbZNGijm6mlGRlAxc6tYc='],
  [13, 'wMEonwBgX419h4C59CZMc2zPuEzpFwjCsn5kJr/H2Kg='],
];

const many = Array.from({ length: 301 }, (_, i) => hashLeaf(Buffer.from(`leaf ${i}`)));
const tree = merkleTree(many);
const flip = (hash: Hash): Hash => {
  const other = Uint8Array.from(hash);
  other[7] = other[7]! ^ 1;
  return other;
};

describe('the Merkle tree of RFC 6962', () => {
  it.each(ctRoots.map((root, size) => ({ size, root })))(
    'gives the root of the Certificate Transparency set at size $size',
    ({ size, root }) => {
      const leaves = ctLeaves.map((leaf) => hashLeaf(Buffer.from(leaf, 'hex')));
      expect(hex(merkleTree(leaves.slice(0, size)).root())).toBe(root);
      expect(hex(merkleTree(leaves).root(size))).toBe(root);
    },
  );

  it.each(thirteenRoots)('gives the root of thirteen entries at size %i', (size, root) => {
    expect(base64(merkleTree(thirteen).root(size))).toBe(root);
  });

  it('makes the inclusion and consistency proofs that Go accepts', () => {
    expect(base64(thirteen[5]!)).toBe('n/U3thiiV++CkIxFkVrLrrbZ3qA11tk5ZPyIwZ6YyLM=');
    expect(merkleTree(thirteen).inclusionProof(5).map(base64)).toEqual(inclusion5of13);
    expect(merkleTree(thirteen).consistencyProof(7).map(base64)).toEqual(consistency7to13);
  });

  it('accepts those proofs and no neighbouring claim', () => {
    const root = fromBase64(thirteenRoots[4]![1]);
    const proof = inclusion5of13.map(fromBase64);
    const claim = { leafHash: thirteen[5]!, index: 5, size: 13, proof, root };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, index: 6 })).toBe(false);
    expect(verifyInclusion({ ...claim, index: 13 })).toBe(false);
    expect(verifyInclusion({ ...claim, index: -1 })).toBe(false);
    expect(verifyInclusion({ ...claim, size: 8 })).toBe(false);
    expect(verifyInclusion({ ...claim, leafHash: thirteen[4]! })).toBe(false);
    const oldRoot = fromBase64(thirteenRoots[3]![1]);
    const step = { oldSize: 7, oldRoot, size: 13, root, proof: consistency7to13.map(fromBase64) };
    expect(verifyConsistency(step)).toBe(true);
    expect(verifyConsistency({ ...step, oldSize: 6 })).toBe(false);
    expect(verifyConsistency({ ...step, oldRoot: root })).toBe(false);
  });

  it('refuses sizes and indexes outside the tree', () => {
    expect(() => merkleTree(thirteen).root(14)).toThrow(RangeError);
    expect(() => merkleTree(thirteen).inclusionProof(13)).toThrow(RangeError);
    expect(() => merkleTree(thirteen).inclusionProof(0, 0)).toThrow(RangeError);
    expect(() => merkleTree(thirteen).consistencyProof(9, 8)).toThrow(RangeError);
  });
});

describe('the compact range', () => {
  it('has the root of the tree at every size from 0 to 300 and survives being stored', () => {
    let range: CompactRange = emptyRange;
    for (let size = 0; size <= 300; size++) {
      expect(hex(rangeRoot(range))).toBe(hex(tree.root(size)));
      const stored = decodeRange(size, encodeRange(range));
      expect(stored.ok && hex(rangeRoot(stored.value))).toBe(hex(tree.root(size)));
      range = appendLeaf(range, many[size]!);
    }
  });

  it('is not read back under another size, or with a byte missing', () => {
    const range = many.slice(0, 7).reduce(appendLeaf, emptyRange);
    expect(decodeRange(8, encodeRange(range)).ok).toBe(false);
    expect(decodeRange(7, encodeRange(range).subarray(1)).ok).toBe(false);
    expect(decodeRange(-1, Buffer.alloc(0)).ok).toBe(false);
  });
});

describe('proofs for every size from 1 to 300', () => {
  const sizes = Array.from({ length: 300 }, (_, i) => i + 1);
  /** Every index of small trees; the ends, the middle and both sides of each power of two of large ones. */
  const pick = (size: number): number[] => {
    const near = [0, 1, size >> 1, size - 2, size - 1, ...[2, 4, 8, 16, 32, 64, 128, 256].flatMap((p) => [p - 1, p])];
    const all = size <= 40 ? Array.from({ length: size }, (_, i) => i) : near;
    return [...new Set(all)].filter((index) => index >= 0 && index < size);
  };

  it('shows that each leaf is there, and nothing when anything is changed', () => {
    for (const size of sizes) {
      const root = tree.root(size);
      for (const index of pick(size)) {
        const proof = tree.inclusionProof(index, size);
        const claim = { leafHash: many[index]!, index, size, proof, root };
        const wrong = [
          { ...claim, leafHash: flip(claim.leafHash) },
          { ...claim, root: flip(root) },
          { ...claim, index: index === 0 ? size : index - 1 },
          { ...claim, proof: [...proof, root] },
          ...proof.map((hash, at) => ({ ...claim, proof: proof.with(at, flip(hash)) })),
          ...(proof.length > 0
            ? [
                { ...claim, proof: proof.slice(1) },
                { ...claim, proof: proof.slice(0, -1) },
              ]
            : []),
        ];
        if (!verifyInclusion(claim)) throw new Error(`inclusion of ${index} in ${size} not accepted`);
        if (wrong.some(verifyInclusion)) throw new Error(`a wrong inclusion of ${index} in ${size} accepted`);
      }
    }
    expect(sizes).toHaveLength(300);
  });

  it('shows that each earlier tree is the beginning, and nothing when anything is changed', () => {
    for (const size of sizes) {
      const root = tree.root(size);
      for (const oldSize of [...pick(size), size]) {
        const oldRoot = tree.root(oldSize);
        const proof = tree.consistencyProof(oldSize, size);
        const claim = { oldSize, oldRoot, size, root, proof };
        const wrong = [
          { ...claim, oldRoot: flip(oldRoot) },
          { ...claim, proof: [...proof, root] },
          ...(oldSize > 0 ? [{ ...claim, root: flip(root) }] : []),
          ...proof.map((hash, at) => ({ ...claim, proof: proof.with(at, flip(hash)) })),
          ...(proof.length > 0
            ? [
                { ...claim, proof: proof.slice(1) },
                { ...claim, proof: proof.slice(0, -1) },
              ]
            : []),
        ];
        if (!verifyConsistency(claim)) throw new Error(`consistency of ${oldSize} with ${size} not accepted`);
        if (wrong.some(verifyConsistency)) throw new Error(`a wrong consistency of ${oldSize} with ${size} accepted`);
      }
    }
    expect(sizes).toHaveLength(300);
  });
});
