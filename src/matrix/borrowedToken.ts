import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { Secret } from '../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { adminFailure } from './adminFailure.ts';
import type { MatrixRequest } from './matrixRequest.ts';

export interface BorrowedTokens {
  /** Asks as a server administrator. */
  readonly adminRequest: MatrixRequest;
  /** Speaks with another access token than the application service's. */
  readonly requestWith: (token: Secret) => MatrixRequest;
  readonly machineClock: Clock;
}

/** Also covers a homeserver whose clock goes a little before ours. */
const TOKEN_LIVES_MS = 5 * 60_000;

/**
 * Does something as another user of this homeserver, with an access token for minutes that ends with the work (Synapse's admin API, "Login as a
 * user"). It makes no device. `bot-no-server-admin`: who asked is no server administrator, or there is no such call.
 */
export async function asOther<T>(
  { adminRequest, requestWith, machineClock }: BorrowedTokens,
  user: UserId,
  work: (request: MatrixRequest) => Promise<T>,
): Promise<Result<T, PortFailure>> {
  const answer = await adminRequest('POST', `/_synapse/admin/v1/users/${encodeURIComponent(user)}/login`, {
    body: { valid_until_ms: machineClock.now() + TOKEN_LIVES_MS },
  });
  const token = (answer.body as { access_token?: unknown } | null)?.access_token;
  if (answer.status !== 200 || typeof token !== 'string') return err(adminFailure(answer));
  const request = requestWith(new Secret(token));
  try {
    return ok(await work(request));
  } finally {
    // One that stays lives for minutes.
    await request('POST', '/_matrix/client/v3/logout', { body: {} });
  }
}
