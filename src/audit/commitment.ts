import canonicalize from 'canonicalize';
import { HASH_SIZE, type Hash, sha256 } from './hash.ts';

const COMMITMENT = Uint8Array.of(0x02);

/** JCS (RFC 8785): the one way to write a JSON value. Throws on what JSON cannot hold. */
export const canonicalBytes = (value: unknown): Uint8Array => {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return Buffer.from(text);
};

/**
 * Binds a leaf to its payload without showing it: SHA-256(0x02 || salt || payload). The salt (32 random bytes) keeps small
 * payloads from being guessed, and is destroyed with them.
 */
export const commitmentOf = (salt: Uint8Array, payload: Uint8Array): Hash => {
  if (salt.length !== HASH_SIZE) throw new TypeError('a salt has 32 bytes');
  return sha256(COMMITMENT, salt, payload);
};
