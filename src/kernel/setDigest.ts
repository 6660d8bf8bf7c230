const MODULUS = 1n << 256n;

/**
 * Digest of a set of things that does not depend on their order and changes with each of them: the sum of their 32-byte hashes
 * modulo 2^256 (Clarke et al., "Incremental multiset hash functions", ASIACRYPT 2003). With keyed hashes nobody without the key
 * can make another set of the same digest.
 */
export class SetDigest {
  #sum = 0n;

  add(hash: Uint8Array): void {
    this.#sum = (this.#sum + numberOf(hash)) % MODULUS;
  }

  remove(hash: Uint8Array): void {
    this.#sum = (this.#sum - numberOf(hash) + MODULUS) % MODULUS;
  }

  /** 32 bytes. */
  bytes(): Buffer {
    return Buffer.from(this.#sum.toString(16).padStart(64, '0'), 'hex');
  }
}

function numberOf(hash: Uint8Array): bigint {
  if (hash.length !== 32) throw new TypeError('a hash must have 32 bytes');
  return BigInt(`0x${Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex')}`);
}
