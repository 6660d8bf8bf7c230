import type { RequestHandler } from 'express';
import { ipKeyGenerator, type Options, rateLimit } from 'express-rate-limit';
import type { Secret } from '../../kernel/phi.ts';
import { createAuthenticator } from './authenticate.ts';
import { sendProblem } from './problem.ts';

/**
 * Lets a request through that shows one of these tokens, as long as its owner keeps the limit. Requests without a good
 * token are counted per client address: beyond the limit they are not even told that the token is wrong. Good tokens from
 * the same address go on working.
 */
export function authenticated(
  tokens: ReadonlyMap<string, Secret>,
  limits: { readonly perMinute: number; readonly badTokensPerMinute: number },
): RequestHandler[] {
  const authenticate = createAuthenticator(tokens);
  const countBad = perMinute(limits.badTokensPerMinute, (request) => ipKeyGenerator(request.ip ?? ''));
  const countGood = perMinute(limits.perMinute, (_request, response) => String(response.locals.caller));
  const check: RequestHandler = (request, response, next) => {
    const result = authenticate(request.headers.authorization);
    if (result.kind === 'known') {
      response.locals.caller = result.caller;
      return next();
    }
    return countBad(request, response, (error?: unknown) => {
      if (error) return next(error);
      // RFC 6750, 3: an error code only when there was a token.
      const challenge = result.kind === 'unknown' ? ', error="invalid_token"' : '';
      response.set('WWW-Authenticate', `Bearer realm="wardroom"${challenge}`);
      sendProblem(response, result.kind === 'unknown' ? 'token-unknown' : 'not-authenticated');
    });
  };
  return [check, countGood];
}

/** At most so many requests a minute from each key; the others are told 429 and when to come again. */
export function perMinute(limit: number, keyGenerator: NonNullable<Options['keyGenerator']>): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    keyGenerator,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Its checks of the set-up print requests' headers to the console; our configuration has its own.
    validate: false,
    // The library has set Retry-After.
    handler: (_request, response) => sendProblem(response, 'too-many-requests'),
  });
}
