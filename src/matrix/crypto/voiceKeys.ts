import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto';
import type { Secret } from '../../kernel/phi.ts';

export interface VoiceKeys {
  /** Opens the engine's records. */
  readonly store: Uint8Array;
  /** Seals the private cross-signing keys, which are kept apart from the records. */
  readonly seal: Uint8Array;
  /** Tells whether the records are those that were written. */
  readonly digest: Uint8Array;
}

const stretched = new WeakMap<Secret, Promise<Buffer>>();

/**
 * One voice's keys from the crypto passphrase: stretched once a process (scrypt, RFC 7914), then separated by voice and use
 * (HKDF, RFC 5869). The salt is fixed: the passphrase file is generated, and the store must open with nothing but that file.
 */
export async function deriveVoiceKeys(passphrase: Secret, voice: string): Promise<VoiceKeys> {
  let root = stretched.get(passphrase);
  if (root === undefined) {
    root = stretch(passphrase.reveal());
    stretched.set(passphrase, root);
  }
  const secret = await root;
  const derive = (use: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, Buffer.alloc(0), `wardroom crypto ${use} ${voice}`, 32));
  return { store: derive('store'), seal: derive('identity'), digest: derive('digest') };
}

const stretch = (passphrase: string): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(
      passphrase.trim(),
      'org.wardroom.crypto.v1',
      32,
      { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    ),
  );

/** AES-256-GCM (NIST SP 800-38D): version, nonce, tag, ciphertext; bound to the voice. */
export function seal(key: Uint8Array, voice: string, plain: string): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(voice));
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(1), nonce, cipher.getAuthTag(), sealed]);
}

/** Whether the passphrase is the one that sealed this voice's identity. False also when the bytes were changed. */
export async function passphraseOpens(passphrase: Secret, voice: string, sealed: Uint8Array): Promise<boolean> {
  return unseal((await deriveVoiceKeys(passphrase, voice)).seal, voice, sealed) !== null;
}

/** Null when the key or the voice is another one, or the bytes were changed. */
export function unseal(key: Uint8Array, voice: string, sealed: Uint8Array): string | null {
  const bytes = Buffer.from(sealed);
  if (bytes.length < 29 || bytes[0] !== 1) return null;
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 13), { authTagLength: 16 })
      .setAAD(Buffer.from(voice))
      .setAuthTag(bytes.subarray(13, 29));
    return Buffer.concat([cipher.update(bytes.subarray(29)), cipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
