import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { err, ok, type Result } from '../kernel/result.ts';
import { sha256 } from './hash.ts';

const ED25519 = 0x01;
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Checks signatures of one key. */
export interface NoteVerifier {
  readonly name: string;
  /** 4 bytes that say which key made a signature; not secure by themselves. */
  readonly keyId: Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** C2SP signed-note: not empty, no Unicode spaces, no plus; and no control characters. */
export const isKeyName = (name: string): boolean =>
  name !== '' && name.isWellFormed() && !/[\s\u0085+]/u.test(name) && !/[\u0000-\u001f\u007f]/.test(name);

/** C2SP signed-note: the first 4 bytes of SHA-256(name || 0x0A || type || public key). */
export const keyIdOf = (name: string, typedKey: Uint8Array): Uint8Array =>
  sha256(Buffer.from(`${name}\n`), typedKey).subarray(0, 4);

/** `name+keyid+key`: all that a verifier must be told about a log. `publicKey` must be an Ed25519 key. */
export const vkeyOf = (name: string, publicKey: KeyObject): string => {
  if (!isKeyName(name)) throw new TypeError('not a key name');
  const typedKey = Buffer.concat([Uint8Array.of(ED25519), rawPublicKey(publicKey)]);
  return `${name}+${Buffer.from(keyIdOf(name, typedKey)).toString('hex')}+${typedKey.toString('base64')}`;
};

export type VkeyFault = 'malformed' | 'unknown-algorithm' | 'wrong-key-id';

/** Reads a vkey; knows Ed25519 (type 0x01). */
export const parseVkey = (vkey: string): Result<NoteVerifier, VkeyFault> => {
  const [name = '', hexId = '', ...rest] = vkey.split('+');
  const key64 = rest.join('+');
  const typedKey = Buffer.from(key64, 'base64');
  if (
    !isKeyName(name) ||
    !/^[0-9a-f]{8}$/.test(hexId) ||
    typedKey.length === 0 ||
    typedKey.toString('base64') !== key64
  )
    return err('malformed');
  const keyId = keyIdOf(name, typedKey);
  if (Buffer.from(keyId).toString('hex') !== hexId) return err('wrong-key-id');
  if (typedKey[0] !== ED25519) return err('unknown-algorithm');
  if (typedKey.length !== 33) return err('malformed');
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, typedKey.subarray(1)]), format: 'der', type: 'spki' });
  return ok({
    name,
    keyId,
    verify: (message, signature) => signature.length === 64 && verify(null, message, key, signature),
  });
};

const rawPublicKey = (publicKey: KeyObject): Uint8Array => {
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
};
