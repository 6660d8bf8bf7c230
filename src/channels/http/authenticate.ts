import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ServiceId } from '../../kernel/ids.ts';
import type { Secret } from '../../kernel/phi.ts';

export type Authentication =
  | { readonly kind: 'service'; readonly service: ServiceId }
  /** No bearer token at all. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown' };

/**
 * Tells which answering service an Authorization header belongs to (RFC 6750). Takes the same time whichever token
 * matches and however much of it: digests under a key nobody knows are compared, all of them.
 */
export function createAuthenticator(
  tokens: ReadonlyMap<ServiceId, Secret>,
): (header: string | undefined) => Authentication {
  const key = randomBytes(32);
  const digest = (token: string): Buffer => createHmac('sha256', key).update(token).digest();
  const known = [...tokens].map(([service, token]) => ({ service, digest: digest(token.reveal()) }));
  return (header) => {
    const token = /^bearer +([^ ]+) *$/i.exec(header ?? '')?.[1];
    if (token === undefined) return { kind: 'missing' };
    const shown = digest(token);
    let found: ServiceId | null = null;
    for (const candidate of known) if (timingSafeEqual(candidate.digest, shown)) found = candidate.service;
    return found === null ? { kind: 'unknown' } : { kind: 'service', service: found };
  };
}
