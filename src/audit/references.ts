import { createHmac } from 'node:crypto';
import type { Secret } from '../kernel/phi.ts';

export type ReferenceKind = 'actor' | 'room' | 'event' | 'patient' | 'ticket' | 'account' | 'scope';

/**
 * A pseudonym that only holders of the reference key can tie to an id: HMAC-SHA256(key, kind || ":" || id), in hex.
 * The same id gives the same reference, so entries about one thing can be found without naming it.
 */
export const referenceTo = (key: Secret<Uint8Array>, kind: ReferenceKind, id: string): string =>
  createHmac('sha256', key.reveal()).update(`${kind}:${id}`).digest('hex');
