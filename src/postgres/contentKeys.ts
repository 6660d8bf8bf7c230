import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import type pg from 'pg';
import { referenceTo } from '../audit/references.ts';
import { BoundedMap } from '../kernel/boundedMap.ts';
import { type Instant, isoInstant } from '../kernel/clock.ts';
import type { Secret } from '../kernel/phi.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Queryable } from './database.ts';
import type { SealedText, Sealer } from './sealer.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const MAX_CACHED = 10_000;

/** `shredded`: its key was destroyed on purpose. `unreadable`: altered, or sealed for another place, or its key is lost. */
export type OpenFault = 'shredded' | 'unreadable';

/**
 * Content keys: one per (scope, retention class, month), so that destroying a key makes exactly that content unreadable
 * (design decision 14; 45 CFR 164.310(d)(2)). A scope is a patient, room or account: `room:!abc`. AES-256-GCM, the keys
 * themselves wrapped by the key-encryption key.
 */
export interface ContentKeys extends Sealer {
  tryOpen(db: Queryable, sealed: SealedText, context?: string): Promise<Result<Buffer, OpenFault>>;
}

export interface ContentKeyOptions {
  /**
   * Connections for making keys: a pool of its own (one connection is enough), never the one whose transactions seal. A key
   * is committed before anything is sealed under it, so a change that rolls back takes no key along that others use.
   */
  readonly keyPool: pg.Pool;
  /** 32 bytes. Without it nothing sealed can be read again. */
  readonly keyEncryptionKey: Secret<Uint8Array>;
  readonly referenceKey: Secret<Uint8Array>;
}

interface ContentKey {
  readonly keyId: string;
  /** Five times cheaper to use than raw bytes. */
  readonly key: KeyObject;
}

interface KeyRow {
  readonly key_id: string;
  readonly scope_ref: string;
  readonly class: string;
  readonly month: string;
  readonly wrapped: Buffer | null;
}

const columns = 'key_id, scope_ref, class, month, wrapped';

export function createContentKeys({ keyPool, keyEncryptionKey, referenceKey }: ContentKeyOptions): ContentKeys {
  if (keyEncryptionKey.reveal().length !== KEY_BYTES) throw new TypeError('the key-encryption key must have 32 bytes');
  const wrappedBy = keyFingerprint(keyEncryptionKey);
  const byPlace = new BoundedMap<ContentKey>(MAX_CACHED);
  const byId = new BoundedMap<ContentKey>(MAX_CACHED);

  const unwrap = (row: KeyRow): ContentKey | null => {
    if (row.wrapped === null) return null;
    const key = decrypt(
      keyEncryptionKey.reveal(),
      row.wrapped.subarray(0, NONCE_BYTES),
      row.wrapped.subarray(NONCE_BYTES),
      placeOf(row),
    );
    return key === null ? null : byId.put(row.key_id, { keyId: row.key_id, key: createSecretKey(key) });
  };

  const find = async (
    db: Queryable,
    scopeRef: string,
    retentionClass: string,
    month: string,
  ): Promise<KeyRow | undefined> => {
    const { rows } = await db.query<KeyRow>(
      `SELECT ${columns} FROM wardroom.content_keys WHERE scope_ref = $1 AND class = $2 AND month = $3 AND wrapped IS NOT NULL`,
      [scopeRef, retentionClass, month],
    );
    return rows[0];
  };

  const create = async (scopeRef: string, retentionClass: string, month: string): Promise<KeyRow | undefined> => {
    const row = { key_id: randomUUID(), scope_ref: scopeRef, class: retentionClass, month };
    const nonce = randomBytes(NONCE_BYTES);
    const wrapped = Buffer.concat([
      nonce,
      encrypt(keyEncryptionKey.reveal(), nonce, randomBytes(KEY_BYTES), placeOf(row)),
    ]);
    await keyPool.query(
      `INSERT INTO wardroom.content_keys (key_id, scope_ref, class, month, wrapped_by, wrapped) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (scope_ref, class, month) WHERE wrapped IS NOT NULL DO NOTHING`,
      [row.key_id, scopeRef, retentionClass, month, wrappedBy, wrapped],
    );
    return find(keyPool, scopeRef, retentionClass, month);
  };

  const keyFor = async (db: Queryable, scope: string, retentionClass: string, at: Instant): Promise<ContentKey> => {
    const scopeRef = referenceTo(referenceKey, 'scope', scope);
    const month = isoInstant(at).slice(0, 7);
    const place = `${scopeRef}|${retentionClass}|${month}`;
    const cached = byPlace.get(place);
    if (cached !== undefined) return cached;
    const row = (await find(db, scopeRef, retentionClass, month)) ?? (await create(scopeRef, retentionClass, month));
    const key = row === undefined ? null : unwrap(row);
    if (key === null) throw new ContentKeyUnusable();
    return byPlace.put(place, key);
  };

  const keyOf = async (db: Queryable, keyId: string): Promise<Result<ContentKey, OpenFault>> => {
    const cached = byId.get(keyId);
    if (cached !== undefined) return ok(cached);
    const { rows } = await db.query<KeyRow>(`SELECT ${columns} FROM wardroom.content_keys WHERE key_id = $1`, [keyId]);
    const [row] = rows;
    if (row === undefined) return err('unreadable');
    const key = unwrap(row);
    return key === null ? err(row.wrapped === null ? 'shredded' : 'unreadable') : ok(key);
  };

  const keys: ContentKeys = {
    async seal(db, scope, retentionClass, at, plaintext, context = '') {
      const { keyId, key } = await keyFor(db, scope, retentionClass, at);
      const nonce = randomBytes(NONCE_BYTES);
      return { keyId, nonce, ciphertext: encrypt(key, nonce, plaintext, `${keyId}|${context}`) };
    },
    async tryOpen(db, { keyId, nonce, ciphertext }, context = '') {
      const key = await keyOf(db, keyId);
      if (!key.ok) return key;
      const plaintext = decrypt(key.value.key, nonce, ciphertext, `${keyId}|${context}`);
      return plaintext === null ? err('unreadable') : ok(plaintext);
    },
    async open(db, sealed, context) {
      const opened = await keys.tryOpen(db, sealed, context);
      if (!opened.ok) throw new SealedTextUnreadable(opened.error);
      return opened.value;
    },
  };
  return keys;
}

/** Tells a key-encryption key from others, and nothing else. */
export const keyFingerprint = (key: Secret<Uint8Array>): string =>
  createHash('sha256').update('wardroom kek').update(key.reveal()).digest('hex').slice(0, 16);

/** The stored key was wrapped by another key-encryption key, or altered. Nothing can be sealed until that is mended. */
export class ContentKeyUnusable extends Error {
  readonly code = 'content-key-unusable';
  constructor() {
    super('a content key cannot be unwrapped: wrong key-encryption key, or altered');
  }
}

export class SealedTextUnreadable extends Error {
  readonly code: OpenFault;
  constructor(code: OpenFault) {
    super(`sealed text is ${code}`);
    this.code = code;
  }
}

const placeOf = (row: Omit<KeyRow, 'wrapped'>): string => `${row.key_id}|${row.scope_ref}|${row.class}|${row.month}`;

const encrypt = (key: Uint8Array | KeyObject, nonce: Uint8Array, plaintext: Uint8Array, bound: string): Buffer => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound));
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
};

const decrypt = (key: Uint8Array | KeyObject, nonce: Uint8Array, sealed: Uint8Array, bound: string): Buffer | null => {
  if (sealed.length < TAG_BYTES || nonce.length !== NONCE_BYTES) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(bound))
      .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
};
