import type { Alarms, Rooms } from '../flows/ports.ts';
import { type AccountId, type RoomId, roomId, type UserId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { RoomActor } from './bridge.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import { findRooms } from './roomFinder.ts';
import type { RoomMembers, RoomState } from './roomMembers.ts';
import { markerType, purposeKey, type RoomPurpose, roomRecipe } from './roomRecipe.ts';

export interface MatrixRoomsOptions {
  readonly bot: RoomActor;
  readonly botRequest: MatrixRequest;
  readonly identity: (voice: UserId) => RoomActor;
  readonly members: RoomMembers;
  readonly serverName: string;
  readonly version: string;
  readonly rotationMessages: number;
  readonly rotationMs: number;
  readonly alarms: Alarms;
  readonly log: (level: 'info' | 'warn', code: string, about: Readonly<Record<string, string>>) => void;
}

/**
 * The rooms Wardroom needs, made by the bot. Everything here may be repeated at any time: a room is looked for before it is made,
 * and only who is missing is added. Nobody is removed unless somebody says so.
 */
export class MatrixRooms implements Rooms {
  readonly #options: MatrixRoomsOptions;
  #found: Map<string, RoomId> | null = null;
  readonly #running = new Map<string, Promise<Result<RoomId, PortFailure>>>();

  constructor(options: MatrixRoomsOptions) {
    this.#options = options;
  }

  ensureAccountRoom(
    account: AccountId,
    voices: readonly UserId[],
    members: readonly UserId[],
  ): Promise<Result<RoomId, PortFailure>> {
    return this.#ensure({ purpose: 'account', account }, voices, members);
  }

  ensurePersonalRoom(
    account: AccountId,
    voices: readonly UserId[],
    person: UserId,
  ): Promise<Result<RoomId, PortFailure>> {
    return this.#ensure({ purpose: 'personal', account, person }, voices, [person]);
  }

  async ensureReportRoom(
    alias: string,
    voices: readonly UserId[],
    members: readonly UserId[],
  ): Promise<Result<RoomId, PortFailure>> {
    const purpose: RoomPurpose = { purpose: 'report', alias };
    const foreign = await this.#madeBySomebody(purpose);
    if (foreign === null) return this.#ensure(purpose, voices, members);
    if (!foreign.ok) return foreign;
    const state = await this.#speakIn(foreign.value, voices);
    return state.ok ? foreign : state;
  }

  /**
   * A room of this alias that is none of ours; null when there is none, or it is ours. The bot joins it, where it was invited: who
   * reads there is its owners' business.
   */
  async #madeBySomebody(purpose: RoomPurpose): Promise<Result<RoomId, PortFailure> | null> {
    const { botRequest, bot, serverName } = this.#options;
    const alias = purpose.alias ?? '';
    if (this.#found?.has(purposeKey(purpose))) return null;
    try {
      const found = await botRequest('GET', `/_matrix/client/v3/directory/room/${encodeURIComponent(alias)}`);
      if (found.status === 404)
        return alias.endsWith(`:${serverName}`) ? null : err({ kind: 'permanent', code: 'report-room-unknown' });
      const room = (found.body as { room_id?: unknown } | null)?.room_id;
      if (found.status !== 200 || typeof room !== 'string') return err(failureOf(found));
      const marker = await botRequest(
        'GET',
        `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/${markerType}`,
      );
      if (marker.status === 200) return null;
      const joined = await bot.join(roomId(room));
      if (!joined.ok) return err({ kind: 'permanent', code: 'report-room-closed' });
      return ok(roomId(room));
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }

  /** Brings the voices into a room, if it is encrypted; resolves to who was there before. */
  async #speakIn(room: RoomId, voices: readonly UserId[]): Promise<Result<RoomState, PortFailure>> {
    const state = await this.#options.members.of(room);
    if (!state.ok) return state;
    if (!state.value.encrypted) return err({ kind: 'permanent', code: 'room-not-encrypted' });
    for (const voice of voices.filter((user) => !state.value.joined.includes(user))) {
      const added = await this.addVoice(room, voice);
      if (!added.ok) return added;
    }
    return state;
  }

  async people(room: RoomId): Promise<Result<readonly UserId[], PortFailure>> {
    const state = await this.#options.members.of(room);
    if (!state.ok) return state;
    const { joined, invited } = state.value;
    return ok([...joined, ...invited]);
  }

  async remove(room: RoomId, user: UserId, reason: string): Promise<Result<void, PortFailure>> {
    const { botRequest, members } = this.#options;
    try {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/kick`;
      const answer = await botRequest('POST', path, { body: { user_id: user, reason }, timeoutMs: 30_000 });
      // Membership events come a moment later; the next message must not wait for them.
      members.changed(room);
      if (answer.status === 200) return ok(undefined);
      const state = await members.of(room);
      const isGone = state.ok && ![...state.value.joined, ...state.value.invited].includes(user);
      return isGone ? ok(undefined) : err(failureOf(answer));
    } catch (error) {
      members.changed(room);
      return err(failureOfError(error, false));
    }
  }

  ensureControlRoom(members: readonly UserId[]): Promise<Result<RoomId, PortFailure>> {
    return this.#ensure({ purpose: 'control' }, [], members);
  }

  ensureAuditRoom(members: readonly UserId[]): Promise<Result<RoomId, PortFailure>> {
    return this.#ensure({ purpose: 'audit' }, [], members);
  }

  /** Brings a voice back into a room it should speak in. */
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

  /** One at a time per room, so that two tickets for a new account do not make two rooms. */
  async #ensure(
    purpose: RoomPurpose,
    voices: readonly UserId[],
    people: readonly UserId[],
  ): Promise<Result<RoomId, PortFailure>> {
    const key = purposeKey(purpose);
    const before = this.#running.get(key) ?? Promise.resolve(null);
    const run = before.catch(() => null).then(() => this.#ensureNow(purpose, voices, people));
    this.#running.set(key, run);
    try {
      return await run;
    } finally {
      if (this.#running.get(key) === run) this.#running.delete(key);
    }
  }

  async #ensureNow(
    purpose: RoomPurpose,
    voices: readonly UserId[],
    people: readonly UserId[],
  ): Promise<Result<RoomId, PortFailure>> {
    const room = await this.#findOrCreate(purpose, voices);
    if (!room.ok) return room;
    const state = await this.#speakIn(room.value, voices);
    if (!state.ok) return state;
    const { joined, banned, invited } = state.value;
    const missing = people.filter((user) => !joined.includes(user));
    // One after the other: the homeserver serialises membership changes of a room anyway.
    for (const user of missing) await this.#addPerson(room.value, user, { banned, invited });
    if (missing.length > 0) this.#options.members.changed(room.value);
    return room;
  }

  async #findOrCreate(purpose: RoomPurpose, voices: readonly UserId[]): Promise<Result<RoomId, PortFailure>> {
    const key = purposeKey(purpose);
    const { bot, botRequest, version, rotationMessages, rotationMs } = this.#options;
    if (this.#found === null) {
      const found = await findRooms(bot.user, botRequest);
      if (!found.ok) return found;
      // Rooms made while it was looked for stay known.
      this.#found = new Map([...found.value, ...(this.#found ?? new Map<string, RoomId>())]);
    }
    const known = this.#found.get(key);
    if (known !== undefined) return ok(known);
    const recipe = roomRecipe({ purpose, version, bot: bot.user, voices, rotationMessages, rotationMs });
    const created = await bot.createRoom(recipe);
    if (!created.ok) {
      // It may exist now: look again before the next attempt. That makes repeating safe.
      this.#found = null;
      return err({ kind: created.error.kind === 'unknown' ? 'retry' : created.error.kind, code: created.error.code });
    }
    this.#found?.set(key, created.value);
    this.#options.log('info', 'room.created', { room: created.value, purpose: purpose.purpose });
    return created;
  }

  /** Joins a local person at once where the admin API allows, else invites. Whoever cannot be added is alarmed, and holds nobody up. */
  async #addPerson(
    room: RoomId,
    user: UserId,
    known: { readonly banned: readonly UserId[]; readonly invited: readonly UserId[] },
  ): Promise<void> {
    if (known.banned.includes(user)) return this.#notAdded(room, user, 'banned');
    const local = user.endsWith(`:${this.#options.serverName}`);
    if (local && (await this.#joinByAdmin(room, user))) return;
    if (known.invited.includes(user)) return;
    const invited = await this.#options.bot.invite(room, user);
    if (invited.ok) return;
    // An admin join that failed half way, or a person faster than us: invited or in already is what was wanted.
    this.#options.members.changed(room);
    const state = await this.#options.members.of(room);
    if (state.ok && [...state.value.joined, ...state.value.invited].includes(user)) return;
    this.#notAdded(room, user, invited.error.code);
  }

  /** Synapse's admin API, "Edit room membership"; false where the bot is no server admin or the person cannot be joined. */
  async #joinByAdmin(room: RoomId, user: UserId): Promise<boolean> {
    try {
      const response = await this.#options.botRequest('POST', `/_synapse/admin/v1/join/${encodeURIComponent(room)}`, {
        body: { user_id: user },
        timeoutMs: 30_000,
      });
      if (response.status === 200) return true;
      const code = errcodeOf(response) === 'M_FORBIDDEN' ? 'admin-join-forbidden' : failureOf(response).code;
      this.#options.log('info', 'room.admin_join_refused', { room, user, code });
      return false;
    } catch (error) {
      this.#options.log('warn', 'room.admin_join_failed', { room, code: failureOfError(error, true).code });
      return false;
    }
  }

  #notAdded(room: RoomId, user: UserId, code: string): void {
    this.#options.log('warn', 'room.member_not_added', { room, user, code });
    this.#options.alarms.raise('member-not-added', { room });
  }
}
