import type { Clock } from '../kernel/clock.ts';
import { type UserId, userId } from '../kernel/ids.ts';
import { Secret } from '../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { Identity } from './bridge.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest, MatrixResponse } from './matrixRequest.ts';

export interface AliasRemoverOptions {
  readonly botRequest: MatrixRequest;
  /** Speaks with another access token than the application service's. */
  readonly requestWith: (token: Secret) => MatrixRequest;
  /** Who removes it: `aliasRemoverUser`. */
  readonly remover: Pick<Identity, 'user' | 'register'>;
  readonly machineClock: Clock;
}

/** Also covers a homeserver whose clock goes a little before ours. */
const TOKEN_LIVES_MS = 5 * 60_000;

/**
 * No service's voice can have this name: its ids are escaped, `=` stands before two hexadecimal digits. Of our own namespace, so nobody else can
 * register it.
 */
export const aliasRemoverUser = (serverName: string): UserId => userId(`@wardroom_=aliases:${serverName}`);

/**
 * Takes aliases out of our server's directory. Synapse lets an application service touch no alias outside its namespace, not even one whose
 * user is a server administrator (`rest/client/directory.py`); with a namespace for all aliases it would be sent the events of every
 * room that has one. So, where the bot is a server administrator, a user of our own that is one too gets an access token for minutes
 * (admin API, "Login as a user"), takes the alias away and logs out. It is in no room and has no device.
 */
export class AliasRemover {
  readonly #options: AliasRemoverOptions;
  #isReady = false;

  constructor(options: AliasRemoverOptions) {
    this.#options = options;
  }

  /** An alias that is not there is done. `bot-no-server-admin`: only a server administrator, or who made the alias, can remove it. */
  async remove(alias: string): Promise<Result<void, PortFailure>> {
    const path = `/_matrix/client/v3/directory/room/${encodeURIComponent(alias)}`;
    try {
      const own = await this.#options.botRequest('DELETE', path);
      if (isGone(own)) return ok(undefined);
      if (errcodeOf(own) !== 'M_EXCLUSIVE') return err(failureOf(own));
      const token = await this.#logIn();
      if (!token.ok) return token;
      const request = this.#options.requestWith(token.value);
      const answer = await request('DELETE', path);
      // One that stays lives for minutes.
      await request('POST', '/_matrix/client/v3/logout', { body: {} });
      return isGone(answer) ? ok(undefined) : err(failureOf(answer));
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }

  async #logIn(): Promise<Result<Secret, PortFailure>> {
    const { botRequest, remover, machineClock } = this.#options;
    const user = encodeURIComponent(remover.user);
    if (!this.#isReady) {
      const registered = await remover.register('Wardroom');
      if (!registered.ok) return registered;
      const made = await botRequest('PUT', `/_synapse/admin/v2/users/${user}`, { body: { admin: true } });
      if (made.status !== 200) return err(adminFailure(made));
      this.#isReady = true;
    }
    const validUntil = machineClock.now() + TOKEN_LIVES_MS;
    const answer = await botRequest('POST', `/_synapse/admin/v1/users/${user}/login`, {
      body: { valid_until_ms: validUntil },
    });
    const token = (answer.body as { access_token?: unknown } | null)?.access_token;
    if (answer.status === 200 && typeof token === 'string') return ok(new Secret(token));
    this.#isReady = false;
    return err(adminFailure(answer));
  }
}

const isGone = (response: MatrixResponse): boolean => response.status === 200 || errcodeOf(response) === 'M_NOT_FOUND';

/** Also where the homeserver has no such call: its accounts may be kept elsewhere. */
export const adminFailure = (response: MatrixResponse): PortFailure =>
  ['M_FORBIDDEN', 'M_UNRECOGNIZED'].includes(errcodeOf(response) ?? '')
    ? { kind: 'permanent', code: 'bot-no-server-admin' }
    : failureOf(response);
