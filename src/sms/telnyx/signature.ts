import { createPublicKey, verify } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { Incoming } from '../rest/webhooks.ts';

/** So old, or so far ahead, a signature may be. */
const TOLERANCE_SECONDS = 300;

/**
 * Whether Telnyx signed a webhook, now (developers.telnyx.com, "Webhook signature"): Ed25519 over `timestamp|body`.
 * @throws when the key is none.
 */
export function telnyxSignatures(
  publicKey: string,
  clock: Clock,
): (incoming: Pick<Incoming, 'headers' | 'bytes'>) => boolean {
  const raw = Buffer.from(publicKey, 'base64');
  if (raw.length !== 32 || raw.toString('base64') !== publicKey)
    throw new TypeError('the public key must have 32 bytes');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' });
  return ({ headers, bytes }) => {
    const timestamp = headers['telnyx-timestamp'];
    const header = headers['telnyx-signature-ed25519'];
    if (typeof timestamp !== 'string' || typeof header !== 'string' || !/^\d{1,15}$/.test(timestamp)) return false;
    if (Math.abs(Math.floor(clock.now() / 1_000) - Number(timestamp)) > TOLERANCE_SECONDS) return false;
    if (!/^[A-Za-z0-9+/]{86}==$/.test(header)) return false;
    const signature = Buffer.from(header, 'base64');
    return verify(null, Buffer.concat([Buffer.from(`${timestamp}|`, 'utf8'), bytes]), key, signature);
  };
}
