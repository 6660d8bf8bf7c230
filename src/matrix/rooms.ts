import type { Alarms, Rooms } from '../flows/ports.ts';
import { type AccountId, type RoomId, roomId, type UserId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { RoomActor } from './bridge.ts';
import { failureOf, failureOfError } from './failures.ts';
import type { MadeRooms } from './madeRooms.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import type { Memberships } from './memberships.ts';
import type { RoomMembers, RoomState } from './roomMembers.ts';
import { markerType, type RoomPurpose, roomRecipe } from './roomRecipe.ts';

export interface MatrixRoomsOptions {
  readonly bot: RoomActor;
  readonly botRequest: MatrixRequest;
  readonly made: MadeRooms;
  readonly memberships: Memberships;
  readonly members: RoomMembers;
  readonly serverName: string;
  readonly version: string;
  readonly rotationMessages: number;
  readonly rotationMs: number;
  readonly alarms: Alarms;
  readonly log: (level: 'warn', code: string, about: Readonly<Record<string, string>>) => void;
}

/**
 * The rooms Wardroom needs, made by the bot. Everything here may be repeated at any time: a room is looked for before it is made,
 * and only who is missing is added. Nobody is removed unless somebody says so.
 */
export class MatrixRooms implements Rooms {
  readonly #options: MatrixRoomsOptions;

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
    const { botRequest, bot, made, serverName } = this.#options;
    const alias = purpose.alias ?? '';
    if (made.isKnown(purpose)) return null;
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
      const added = await this.#options.memberships.addVoice(room, voice);
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

  remove(room: RoomId, user: UserId, reason: string): Promise<Result<void, PortFailure>> {
    return this.#options.memberships.remove(room, user, reason);
  }

  ensureControlRoom(members: readonly UserId[]): Promise<Result<RoomId, PortFailure>> {
    return this.#ensure({ purpose: 'control' }, [], members);
  }

  ensureAuditRoom(members: readonly UserId[]): Promise<Result<RoomId, PortFailure>> {
    return this.#ensure({ purpose: 'audit' }, [], members);
  }

  ensureDirectRoom(person: UserId): Promise<Result<RoomId, PortFailure>> {
    return this.#ensure({ purpose: 'direct', person }, [], [person]);
  }

  ensurePrivacyRoom(officers: readonly UserId[]): Promise<Result<RoomId, PortFailure>> {
    return this.#ensure({ purpose: 'privacy' }, [], officers);
  }

  #ensure(
    purpose: RoomPurpose,
    voices: readonly UserId[],
    people: readonly UserId[],
  ): Promise<Result<RoomId, PortFailure>> {
    return this.#options.made.inTurn(purpose, () => this.#ensureNow(purpose, voices, people));
  }

  async #ensureNow(
    purpose: RoomPurpose,
    voices: readonly UserId[],
    people: readonly UserId[],
  ): Promise<Result<RoomId, PortFailure>> {
    const { bot, made, version, rotationMessages, rotationMs } = this.#options;
    const recipe = roomRecipe({ purpose, version, bot: bot.user, voices, rotationMessages, rotationMs });
    const room = await made.findOrCreate(purpose, recipe);
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

  /** Whoever cannot be added is alarmed, and holds nobody up. */
  async #addPerson(
    room: RoomId,
    user: UserId,
    known: { readonly banned: readonly UserId[]; readonly invited: readonly UserId[] },
  ): Promise<void> {
    if (known.banned.includes(user)) return this.#notAdded(room, user, 'banned');
    const added = await this.#options.memberships.bringIn(room, user, known.invited.includes(user));
    if (!added.ok) this.#notAdded(room, user, added.error.code);
  }

  #notAdded(room: RoomId, user: UserId, code: string): void {
    this.#options.log('warn', 'room.member_not_added', { room, user, code });
    this.#options.alarms.raise('member-not-added', { room });
  }
}
