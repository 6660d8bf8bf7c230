import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Secret } from '../kernel/phi.ts';

export type ReferenceKind = 'actor' | 'room' | 'event' | 'patient' | 'ticket' | 'account' | 'scope';

/**
 * A pseudonym that only holders of the reference key can tie to an id: HMAC-SHA256(key, kind || ":" || id), in hex.
 * The same id gives the same reference, so entries about one thing can be found without naming it.
 */
export const referenceTo = (key: Secret<Uint8Array>, kind: ReferenceKind, id: string): string =>
  createHmac('sha256', keyObject(key)).update(`${kind}:${id}`).digest('hex');

const keyObjects = new WeakMap<Secret<Uint8Array>, KeyObject>();

/** Made once: five times cheaper to use than raw bytes. */
function keyObject(key: Secret<Uint8Array>): KeyObject {
  const known = keyObjects.get(key);
  if (known) return known;
  const made = createSecretKey(key.reveal());
  keyObjects.set(key, made);
  return made;
}
