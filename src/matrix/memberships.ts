import type { RoomId, UserId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { RoomActor } from './bridge.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import type { RoomMembers } from './roomMembers.ts';

export interface MembershipsOptions {
  readonly bot: RoomActor;
  readonly botRequest: MatrixRequest;
  readonly identity: (voice: UserId) => RoomActor;
  readonly members: RoomMembers;
  readonly serverName: string;
  /** Does something as a person of our server; absent: the bot itself is the server administrator. */
  readonly asPerson?: AsPerson | undefined;
  readonly log: (level: 'info' | 'warn', code: string, about: Readonly<Record<string, string>>) => void;
}

export type AsPerson = <T>(
  user: UserId,
  work: (request: MatrixRequest) => Promise<T>,
) => Promise<Result<T, PortFailure>>;

const TIMEOUT_MS = 30_000;

/**
 * Who comes into a room and goes out of it by the bot's hand. Everything may be repeated: what is so already is done. The homeserver tells of a
 * change a moment later, and the next message must not wait for that: what is known of the room's members is forgotten at once.
 */
export class Memberships {
  readonly #options: MembershipsOptions;

  constructor(options: MembershipsOptions) {
    this.#options = options;
  }

  /** Brings a voice (back) into a room it should speak in. */
  async addVoice(room: RoomId, voice: UserId): Promise<Result<void, PortFailure>> {
    const { bot, members } = this.#options;
    if (voice === bot.user) return err({ kind: 'permanent', code: 'bot-not-in-room' });
    const invited = await bot.invite(room, voice);
    // Invited or joined already: the join tells which.
    if (!invited.ok && invited.error.code !== 'forbidden') return invited;
    const joined = await this.#options.identity(voice).join(room);
    members.changed(room);
    return joined;
  }

  /** A person of our own server at once where the admin API allows it, else by an invitation, unless they have one. */
  async bringIn(room: RoomId, user: UserId, isInvited = false): Promise<Result<void, PortFailure>> {
    const { members, serverName } = this.#options;
    if (user.endsWith(`:${serverName}`) && (await this.#joinByAdmin(room, user))) {
      members.changed(room);
      return ok(undefined);
    }
    return isInvited ? ok(undefined) : this.invite(room, user);
  }

  async invite(room: RoomId, user: UserId): Promise<Result<void, PortFailure>> {
    const { bot, members } = this.#options;
    const invited = await bot.invite(room, user);
    members.changed(room);
    // An admin join that failed half way, or a person faster than us: invited or in already is what was wanted.
    return invited.ok ? invited : this.#unlessAlready(room, user, ['join', 'invite'], invited.error);
  }

  /** Out of the room, or no longer invited to it, or no longer asking. `reason` is readable by every homeserver in the room. */
  remove(room: RoomId, user: UserId, reason: string): Promise<Result<void, PortFailure>> {
    return this.#change(room, user, 'kick', { reason }, ['leave', 'ban']);
  }

  unban(room: RoomId, user: UserId): Promise<Result<void, PortFailure>> {
    return this.#change(room, user, 'unban', {}, ['leave', 'invite', 'join', 'knock']);
  }

  async #change(
    room: RoomId,
    user: UserId,
    what: 'kick' | 'unban',
    about: { readonly reason?: string },
    already: readonly string[],
  ): Promise<Result<void, PortFailure>> {
    const { botRequest, members } = this.#options;
    try {
      const answer = await botRequest('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/${what}`, {
        body: { user_id: user, ...about },
        timeoutMs: TIMEOUT_MS,
      });
      members.changed(room);
      if (answer.status === 200) return ok(undefined);
      return await this.#unlessAlready(room, user, already, failureOf(answer));
    } catch (error) {
      members.changed(room);
      // The same again does no harm.
      return err(failureOfError(error, true));
    }
  }

  async #unlessAlready(
    room: RoomId,
    user: UserId,
    already: readonly string[],
    failure: PortFailure,
  ): Promise<Result<void, PortFailure>> {
    const { botRequest } = this.#options;
    try {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.member/${encodeURIComponent(user)}`;
      const answer = await botRequest('GET', path, { timeoutMs: TIMEOUT_MS });
      const known = answer.status === 200 || errcodeOf(answer) === 'M_NOT_FOUND';
      const membership = (answer.body as { membership?: unknown } | null)?.membership ?? 'leave';
      return known && already.includes(String(membership)) ? ok(undefined) : err(failure);
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }

  /** Whether a person of our server is in the room now; false where nobody of ours is a server admin, or the person cannot be joined. */
  async #joinByAdmin(room: RoomId, user: UserId): Promise<boolean> {
    const { asPerson, log } = this.#options;
    try {
      const joined = await (asPerson === undefined ? this.#joinAsBot(room, user) : this.#joinAsPerson(room, user));
      if (joined.ok) return true;
      log('info', 'room.admin_join_refused', { room, user, code: joined.error.code });
      return false;
    } catch (error) {
      log('warn', 'room.admin_join_failed', { room, code: failureOfError(error, true).code });
      return false;
    }
  }

  /** Synapse's admin API, "Edit room membership": it invites and joins, for which the administrator has to be in the room. */
  async #joinAsBot(room: RoomId, user: UserId): Promise<Result<void, PortFailure>> {
    const path = `/_synapse/admin/v1/join/${encodeURIComponent(room)}`;
    const answer = await this.#options.botRequest('POST', path, { body: { user_id: user }, timeoutMs: TIMEOUT_MS });
    if (answer.status === 200) return ok(undefined);
    return err(
      errcodeOf(answer) === 'M_FORBIDDEN' ? { kind: 'permanent', code: 'admin-join-forbidden' } : failureOf(answer),
    );
  }

  /** The administrator of the token is in no room of ours: the bot invites, and the person is joined in their own name. */
  async #joinAsPerson(room: RoomId, user: UserId): Promise<Result<void, PortFailure>> {
    const invited = await this.invite(room, user);
    if (!invited.ok) return invited;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/join`;
    const answer = await this.#options.asPerson!(user, (request) =>
      request('POST', path, { body: {}, timeoutMs: TIMEOUT_MS }),
    );
    if (!answer.ok) return answer;
    return answer.value.status === 200 ? ok(undefined) : err(failureOf(answer.value));
  }
}
