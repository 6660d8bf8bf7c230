import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Secret } from '../kernel/phi.ts';
import type { NoteSigner } from './signedNote.ts';
import { parseVkey, vkeyOf } from './vkey.ts';

/** The log's signing half, and the vkey that everyone who checks the log must be given. */
export interface LogSigner extends NoteSigner {
  readonly vkey: string;
}

/** A new Ed25519 key for a log, as PKCS#8 PEM: the contents of its secret file. */
export const generateLogKey = (): Secret<string> =>
  new Secret(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());

/** Makes the signer of the log `origin`. Throws a TypeError for anything but an Ed25519 private key in PEM. */
export const logSigner = (origin: string, pem: Secret<string>): LogSigner => {
  const key = readPrivateKey(pem);
  const vkey = vkeyOf(origin, createPublicKey(key));
  const verifier = parseVkey(vkey);
  if (!verifier.ok) throw new TypeError('not a log key');
  return { name: origin, keyId: verifier.value.keyId, vkey, sign: (message) => sign(null, message, key) };
};

const readPrivateKey = (pem: Secret<string>): KeyObject => {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem.reveal());
  } catch {
    throw new TypeError('not a private key in PEM');
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  return key;
};

export { vkeyOf };
