import type { Instant } from '../kernel/clock.ts';
import type { Queryable } from './database.ts';

export interface SealedText {
  readonly keyId: string;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

/**
 * Encrypts what may not lie readable in the database, under one content key per (scope, class, month) (design decision 14). `context` ties a text to
 * its place: it opens only with the same one.
 */
export interface Sealer {
  seal(
    db: Queryable,
    scope: string,
    retentionClass: string,
    at: Instant,
    plaintext: Uint8Array,
    context?: string,
  ): Promise<SealedText>;
  /** Throws when the key was destroyed or the text was altered. */
  open(db: Queryable, sealed: SealedText, context?: string): Promise<Buffer>;
}
