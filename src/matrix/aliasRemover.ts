import type { Clock } from '../kernel/clock.ts';
import { type UserId, userId } from '../kernel/ids.ts';
import type { Secret } from '../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { adminFailure } from './adminFailure.ts';
import { asOther } from './borrowedToken.ts';
import type { Identity } from './bridge.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest, MatrixResponse } from './matrixRequest.ts';

export interface AliasRemoverOptions {
  readonly botRequest: MatrixRequest;
  /** Speaks with another access token than the application service's. */
  readonly requestWith: (token: Secret) => MatrixRequest;
  /** Of a server administrator (`homeserver.admin_token_file`): then they remove it. */
  readonly adminToken?: Secret | undefined;
  /** Who removes it else: `aliasRemoverUser`. */
  readonly remover: Pick<Identity, 'user' | 'register'>;
  readonly machineClock: Clock;
}

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
      const answer = await this.#asAdministrator((request) => request('DELETE', path));
      if (!answer.ok) return answer;
      return isGone(answer.value) ? ok(undefined) : err(failureOf(answer.value));
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }

  async #asAdministrator<T>(work: (request: MatrixRequest) => Promise<T>): Promise<Result<T, PortFailure>> {
    const { botRequest, requestWith, adminToken, remover, machineClock } = this.#options;
    if (adminToken) return ok(await work(requestWith(adminToken)));
    if (!this.#isReady) {
      const registered = await remover.register('Wardroom');
      if (!registered.ok) return registered;
      const path = `/_synapse/admin/v2/users/${encodeURIComponent(remover.user)}`;
      const made = await botRequest('PUT', path, { body: { admin: true } });
      if (made.status !== 200) return err(adminFailure(made));
      this.#isReady = true;
    }
    const done = await asOther({ adminRequest: botRequest, requestWith, machineClock }, remover.user, work);
    if (!done.ok) this.#isReady = false;
    return done;
  }
}

const isGone = (response: MatrixResponse): boolean => response.status === 200 || errcodeOf(response) === 'M_NOT_FOUND';
