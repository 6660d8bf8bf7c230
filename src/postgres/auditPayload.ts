import { randomBytes } from 'node:crypto';
import { canonicalBytes, commitmentOf } from '../audit/commitment.ts';
import type { PayloadState } from '../audit/fsck.ts';
import { HASH_SIZE } from '../audit/hash.ts';
import type { AuditEntry } from '../flows/ports.ts';
import type { Instant } from '../kernel/clock.ts';
import type { ContentKeys } from './contentKeys.ts';
import type { Queryable } from './database.ts';
import type { SealedText } from './sealer.ts';

/** Retention class of the audit log's payloads. */
export const auditClass = 'audit';

export interface SealedPayload {
  /** Hex: stands in the leaf. */
  readonly commit: string;
  readonly sealed: SealedText;
}

/**
 * Seals what a leaf only refers to: the ids themselves, the code and the detail. The salt of the commitment lies inside,
 * so it is destroyed with the key.
 */
export const sealPayload = async (
  db: Queryable,
  entry: AuditEntry,
  at: Instant,
  keys: ContentKeys,
): Promise<SealedPayload> => {
  const { actor, code, ticket, room, event, account, detail } = entry;
  const payload = canonicalBytes(wellFormed({ actor, code, ticket, room, event, account, detail }));
  const salt = randomBytes(HASH_SIZE);
  const commit = Buffer.from(commitmentOf(salt, payload)).toString('hex');
  const sealed = await keys.seal(db, scopeOf(entry), auditClass, at, Buffer.concat([salt, payload]), commit);
  return { commit, sealed };
};

/** What the checker needs of a payload. */
export const payloadState = async (
  db: Queryable,
  sealed: SealedText,
  commit: string,
  keys: ContentKeys,
): Promise<PayloadState> => {
  const opened = await keys.tryOpen(db, sealed, commit);
  if (!opened.ok) return opened.error;
  return { salt: opened.value.subarray(0, HASH_SIZE), bytes: opened.value.subarray(HASH_SIZE) };
};

const scopeOf = ({ room, account }: AuditEntry): string => {
  if (room !== undefined) return `room:${room}`;
  return account === undefined ? 'wardroom' : `account:${account}`;
};

/** As JSON would carry it, with half surrogate pairs (which JCS refuses) replaced. */
const wellFormed = (value: unknown): unknown => {
  const text = JSON.stringify(value);
  // `JSON.stringify` escapes half pairs (ECMA-262, QuoteJSONString), so nearly always there is nothing to replace.
  if (!/\\ud[89a-f]/i.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_, item: unknown) => (typeof item === 'string' ? item.toWellFormed() : item));
};
