import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../kernel/phi.ts';

export type Authentication<Id> =
  | { readonly kind: 'known'; readonly caller: Id }
  /** No bearer token at all. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown' };

/**
 * Tells whose token an Authorization header shows (RFC 6750). Takes the same time whichever token
 * matches and however much of it: digests under a key nobody knows are compared, all of them.
 */
export function createAuthenticator<Id extends string>(
  tokens: ReadonlyMap<Id, Secret>,
): (header: string | undefined) => Authentication<Id> {
  const key = randomBytes(32);
  const digest = (token: string): Buffer => createHmac('sha256', key).update(token).digest();
  const known = [...tokens].map(([caller, token]) => ({ caller, digest: digest(token.reveal()) }));
  return (header) => {
    const token = /^bearer +([^ ]+) *$/i.exec(header ?? '')?.[1];
    if (token === undefined) return { kind: 'missing' };
    const shown = digest(token);
    let found: Id | null = null;
    for (const candidate of known) if (timingSafeEqual(candidate.digest, shown)) found = candidate.caller;
    return found === null ? { kind: 'unknown' } : { kind: 'known', caller: found };
  };
}
