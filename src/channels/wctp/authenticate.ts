import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ServiceId } from '../../kernel/ids.ts';
import type { Secret } from '../../kernel/phi.ts';

/** Somebody who may speak WCTP for a service (dispatch.yaml, `services.*.senders`). */
export interface Sender {
  readonly service: ServiceId;
  readonly senderId: string;
  /** Null: none is asked for. */
  readonly code: Secret | null;
}

export type Authentication =
  | { readonly kind: 'sender'; readonly service: ServiceId }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'wrong-code'; readonly service: ServiceId };

/**
 * Tells which service a senderID belongs to, if the code with it is right: `securityCode`, or a client's password. Codes are compared
 * by digests under a key nobody knows, so that the time tells nothing.
 */
export function createAuthenticator(
  senders: readonly Sender[],
): (senderId: string, code: string | null) => Authentication {
  const key = createSecretKey(randomBytes(32));
  const digest = (code: string): Buffer => createHmac('sha256', key).update(code).digest();
  const known = new Map(
    senders.map(({ service, senderId, code }) => [
      senderId,
      { service, digest: code === null ? null : digest(code.reveal()) },
    ]),
  );
  return (senderId, code) => {
    const sender = known.get(senderId);
    if (!sender) return { kind: 'unknown' };
    if (sender.digest === null || timingSafeEqual(sender.digest, digest(code ?? '')))
      return { kind: 'sender', service: sender.service };
    return { kind: 'wrong-code', service: sender.service };
  };
}
