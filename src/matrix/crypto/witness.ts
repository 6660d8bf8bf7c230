import type { UserId } from '../../kernel/ids.ts';
import type { MatrixRequest } from '../matrixRequest.ts';
import { RequestRefused } from './requestRefused.ts';

const path = (user: UserId): string =>
  `/_matrix/client/v3/user/${encodeURIComponent(user)}/account_data/org.wardroom.crypto_epoch`;

/** The epoch that the homeserver has been told of; 0 when it has not. Throws RequestRefused, or what `request` throws. */
export async function epochAtHomeserver(request: MatrixRequest, user: UserId): Promise<number> {
  const { status, body } = await request('GET', path(user));
  if (status === 404) return 0;
  if (status !== 200) throw new RequestRefused();
  const { epoch } = body as { epoch?: unknown };
  return typeof epoch === 'number' && Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0;
}

/**
 * A witness outside the database: the voice's account data at the homeserver says how far its store has come. It is told after a
 * state is committed and before anything leaves that was made from it (keys for people, keys of ours) or is given up because of
 * it (to-device messages that the homeserver deletes). So a store that knows less than the witness was set back in time, by
 * whatever means, and its ratchets must not be used again.
 */
export class Witness {
  readonly #request: MatrixRequest;
  readonly #user: UserId;
  /** The epoch of the last commit. */
  readonly #latest: () => number;
  #told: number;
  #telling: Promise<void> | null = null;

  constructor(request: MatrixRequest, user: UserId, latest: () => number, told: number) {
    this.#request = request;
    this.#user = user;
    this.#latest = latest;
    this.#told = told;
  }

  /**
   * Resolves when the homeserver knows of this epoch or a later one; asks nothing when it does already, and once for all who wait.
   * Throws RequestRefused, or what `request` throws.
   */
  async reach(epoch: number): Promise<void> {
    while (this.#told < epoch) {
      this.#telling ??= this.#tell().finally(() => {
        this.#telling = null;
      });
      await this.#telling;
    }
  }

  async #tell(): Promise<void> {
    const epoch = this.#latest();
    const { status } = await this.#request('PUT', path(this.#user), { body: { epoch } });
    if (status !== 200) throw new RequestRefused();
    this.#told = epoch;
  }
}
