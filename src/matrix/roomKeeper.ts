import type { RoomKeeper, RoomStep } from '../flows/roomKeeperPort.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { NewRoom, ObservedRoom } from '../policy/index.ts';
import type { RoomActor } from './bridge.ts';
import { changedRooms } from './changedRooms.ts';
import { enterRoom } from './enterRoom.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import { keptRoomBody } from './keptRoom.ts';
import type { MadeRooms } from './madeRooms.ts';
import type { MatrixRequest, MatrixResponse } from './matrixRequest.ts';
import { observeRoom } from './observeRoom.ts';
import type { RoomPurpose } from './roomRecipe.ts';
import type { RoomSteps } from './roomSteps.ts';

export interface MatrixRoomKeeperOptions {
  readonly bot: RoomActor;
  readonly botRequest: MatrixRequest;
  readonly made: MadeRooms;
  readonly steps: RoomSteps;
  readonly serverName: string;
}

/** The rooms that are kept by the policy, as the bot sees and changes them. */
export class MatrixRoomKeeper implements RoomKeeper {
  readonly #options: MatrixRoomKeeperOptions;

  constructor(options: MatrixRoomKeeperOptions) {
    this.#options = options;
  }

  observe(room: RoomId): Promise<Result<ObservedRoom, PortFailure>> {
    const { bot, botRequest, serverName } = this.#options;
    return observeRoom({ bot: bot.user, botRequest, serverName }, room);
  }

  take(room: RoomId, step: RoomStep): Promise<Result<void, PortFailure>> {
    return this.#options.steps.take(room, step);
  }

  ensure(key: string, kind: 'room' | 'space', recipe: NewRoom): Promise<Result<RoomId, PortFailure>> {
    const { made } = this.#options;
    const purpose: RoomPurpose = { purpose: 'kept', key };
    return made.inTurn(purpose, () => made.findOrCreate(purpose, keptRoomBody(purpose, kind, recipe)));
  }

  changedSince(
    since: string | null,
  ): Promise<Result<{ readonly next: string; readonly rooms: readonly RoomId[] }, PortFailure>> {
    return changedRooms(this.#options.botRequest, since);
  }

  enter(room: RoomId): Promise<Result<void, PortFailure>> {
    return enterRoom(this.#options, room);
  }

  async leave(room: RoomId): Promise<Result<void, PortFailure>> {
    try {
      const answer = await this.#options.botRequest(
        'POST',
        `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/leave`,
        {
          body: {},
        },
      );
      return answer.status === 200 || answer.status === 404 ? ok(undefined) : err(failureOf(answer));
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }

  /**
   * By the profile, which a homeserver asks of another one. Of our own people the admin API knows better, where the bot may ask it: who has neither
   * a name nor a picture has no profile. A server that does not answer, or tells nobody, is a failure.
   */
  async exists(user: UserId): Promise<Result<boolean, PortFailure>> {
    const { botRequest, serverName } = this.#options;
    const id = encodeURIComponent(user);
    try {
      const profile = await botRequest('GET', `/_matrix/client/v3/profile/${id}`);
      if (profile.status === 200) return ok(true);
      if (!isNobody(profile)) return err(failureOf(profile));
      if (!user.endsWith(`:${serverName}`)) return ok(false);
      const account = await botRequest('GET', `/_synapse/admin/v2/users/${id}`);
      if (account.status >= 500) return err(failureOf(account));
      return ok(account.status === 200);
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }
}

/** A homeserver says so in several ways; without a code it was not the homeserver that answered, or it has no such call. */
const isNobody = (profile: MatrixResponse): boolean =>
  profile.status === 404 && ![null, 'M_UNRECOGNIZED'].includes(errcodeOf(profile));
