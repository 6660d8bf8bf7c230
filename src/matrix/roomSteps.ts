import type { RoomStep } from '../flows/roomKeeperPort.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { AliasRemover } from './aliasRemover.ts';
import type { VoiceCrypto } from './crypto/index.ts';
import { failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import type { Memberships } from './memberships.ts';
import type { RoomMembers } from './roomMembers.ts';

export interface RoomStepsOptions {
  readonly botRequest: MatrixRequest;
  readonly memberships: Memberships;
  readonly members: RoomMembers;
  readonly aliases: Pick<AliasRemover, 'remove'>;
  readonly cryptos: readonly Pick<VoiceCrypto, 'membersLeft'>[];
  readonly isOurs: (user: UserId) => boolean;
}

const TIMEOUT_MS = 30_000;

/** The steps of a plan, taken at the homeserver. Each may be repeated: what is so already is done. */
export class RoomSteps {
  readonly #options: RoomStepsOptions;

  constructor(options: RoomStepsOptions) {
    this.#options = options;
  }

  async take(room: RoomId, step: RoomStep): Promise<Result<void, PortFailure>> {
    const { memberships, aliases, isOurs } = this.#options;
    switch (step.kind) {
      case 'set-state':
        return this.#setState(room, step);
      case 'kick':
        return memberships.remove(room, step.user, step.reason);
      case 'rotate-sessions':
        this.#rotate(room);
        return ok(undefined);
      case 'delete-alias':
        return aliases.remove(step.alias);
      case 'unlist':
        return this.#put(`/_matrix/client/v3/directory/list/room/${encodeURIComponent(room)}`, {
          visibility: 'private',
        });
      case 'unban':
        return memberships.unban(room, step.user);
      case 'join':
        return isOurs(step.user) ? memberships.addVoice(room, step.user) : memberships.bringIn(room, step.user);
      case 'invite':
        return memberships.invite(room, step.user);
    }
  }

  async #setState(
    room: RoomId,
    { type, stateKey, content }: RoomStep & { readonly kind: 'set-state' },
  ): Promise<Result<void, PortFailure>> {
    const key = stateKey === '' ? '' : `/${encodeURIComponent(stateKey)}`;
    const set = await this.#put(
      `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/${encodeURIComponent(type)}${key}`,
      content,
    );
    // Whether a room is encrypted is known with its members.
    if (type === 'm.room.encryption') this.#options.members.changed(room);
    return set;
  }

  /**
   * Every voice's next message begins a new session. Nothing of it has to outlive this process: a voice that starts begins a new session in every
   * room.
   */
  #rotate(room: RoomId): void {
    for (const crypto of this.#options.cryptos) crypto.membersLeft(room, []);
  }

  async #put(path: string, body: unknown): Promise<Result<void, PortFailure>> {
    try {
      const answer = await this.#options.botRequest('PUT', path, { body, timeoutMs: TIMEOUT_MS });
      return answer.status === 200 ? ok(undefined) : err(failureOf(answer));
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }
}
