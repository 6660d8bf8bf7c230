/** Every secret Wardroom holds: one file each under `secrets_dir`. The registration file has its own module. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ServiceId } from '../kernel/ids.ts';
import { Secret } from '../kernel/phi.ts';
import { ensureSecretFile, readSecretFile, SecretFileError } from './secretFile.ts';

export interface Secrets {
  /** Encrypts the crypto stores of the voices. Lost: their devices are lost. */
  cryptoPassphrase(): Secret;
  /** 32 bytes. Encrypts the content keys. Lost: stored texts are lost. */
  keyEncryptionKey(): Secret<Buffer>;
  /** 32 bytes. Makes the references that stand for people and patients in the audit log. */
  referenceKey(): Secret<Buffer>;
  /** Ed25519. Signs the checkpoints of the audit log. */
  auditLogKey(): Secret<KeyObject>;
  /** What an answering service shows the API: `Authorization: Bearer TOKEN`. */
  serviceToken(service: ServiceId): Secret;
  /** What an identity system shows `/api/v1/roles`. */
  rolesApiToken(): Secret;
  /** What a scheduling system shows `/api/v1/reminders`. */
  remindersApiToken(): Secret;
  /** `whsec_` and base64 of 32 bytes: signs the callbacks to an answering service (Standard Webhooks). */
  serviceCallbackSecret(service: ServiceId): Secret;
}

const KEY_BYTES = 32;
const randomToken = (): string => randomBytes(KEY_BYTES).toString('base64url');
const randomKey = (): string => randomBytes(KEY_BYTES).toString('base64');
const randomWebhookSecret = (): string => `whsec_${randomKey()}`;
const randomEd25519 = (): string =>
  String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })).trimEnd();

/** Characters that are safe in a file name; what a service's id is made of (see the configuration). */
const SERVICE_ID = /^[a-z0-9][a-z0-9._-]*$/;

/**
 * The secrets in a directory, each read when it is first asked for, and once. With `create`, one that is missing is made; without, it is an error, so that a lost
 * directory is noticed instead of being replaced by keys that open nothing.
 * @throws SecretFileError from each method, when the file cannot be used.
 */
export function openSecrets(directory: string, options: { readonly create: boolean }): Secrets {
  const read = new Map<string, Secret>();
  const get = (name: string, generate: () => string): Secret => {
    const path = join(directory, name);
    const secret = read.get(name) ?? (options.create ? ensureSecretFile(path, generate) : readSecretFile(path));
    read.set(name, secret);
    return secret;
  };
  const key = (name: string): Secret<Buffer> => {
    const bytes = Buffer.from(get(name, randomKey).reveal(), 'base64');
    if (bytes.length !== KEY_BYTES) throw malformed(name, `must be ${KEY_BYTES} bytes in base64`);
    return new Secret(bytes);
  };
  const malformed = (name: string, what: string) => new SecretFileError('malformed', join(directory, name), what);
  const bearerToken = (name: string): Secret => {
    const token = get(name, randomToken);
    if (!/^[A-Za-z0-9._~+/-]{16,}=*$/.test(token.reveal()))
      throw malformed(name, 'must be 16 or more characters of a bearer token (RFC 6750)');
    return token;
  };
  const ofService = (service: ServiceId, suffix: string): string => {
    if (!SERVICE_ID.test(service)) throw new RangeError('not the id of a service');
    return `service-${service}.${suffix}`;
  };
  return {
    cryptoPassphrase: () => get('crypto.passphrase', randomToken),
    keyEncryptionKey: () => key('key-encryption.key'),
    referenceKey: () => key('reference.key'),
    auditLogKey: () => {
      const name = 'audit-log.pem';
      const pem = get(name, randomEd25519).reveal();
      try {
        const parsed = createPrivateKey(pem);
        if (parsed.asymmetricKeyType === 'ed25519') return new Secret(parsed);
      } catch {
        // falls through: the parser's own message might quote the key
      }
      throw malformed(name, 'must be an Ed25519 private key in PEM (PKCS #8)');
    },
    serviceToken: (service) => bearerToken(ofService(service, 'token')),
    rolesApiToken: () => bearerToken('roles-api.token'),
    remindersApiToken: () => bearerToken('reminders-api.token'),
    serviceCallbackSecret: (service) => {
      const name = ofService(service, 'whsec');
      const secret = get(name, randomWebhookSecret);
      const bytes = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64').length;
      if (!secret.reveal().startsWith('whsec_') || bytes < 24 || bytes > 64) {
        throw malformed(name, 'must be whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)');
      }
      return secret;
    },
  };
}
