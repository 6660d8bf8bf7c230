import type { ControlRoom } from '../flows/commandsPort.ts';
import type { Voices } from '../flows/ports.ts';
import type { EventId, RoomId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import { err, type PortFailure, type Result } from '../kernel/result.ts';
import type { RoomMembers } from './roomMembers.ts';

export interface BotRoomOptions {
  readonly voices: Voices;
  readonly bot: UserId;
  readonly members: RoomMembers;
}

/** The control or privacy room once it was found: where the bot speaks, encrypted. */
export class BotRoom implements ControlRoom {
  readonly #voices: Voices;
  readonly #bot: UserId;
  readonly #members: RoomMembers;
  #id: RoomId | null = null;

  constructor({ voices, bot, members }: BotRoomOptions) {
    this.#voices = voices;
    this.#bot = bot;
    this.#members = members;
  }

  found(room: RoomId): void {
    this.#id = room;
  }

  id(): RoomId | null {
    return this.#id;
  }

  async readers(users: readonly UserId[]): Promise<readonly UserId[]> {
    const state = this.#id === null ? null : await this.#members.of(this.#id);
    if (!state?.ok) return [];
    const joined = users.filter((user) => state.value.joined.includes(user));
    const devices = await this.#voices.reachable(this.#bot, joined);
    return joined.filter((user) => (devices.get(user) ?? []).length > 0);
  }

  async post(id: string, content: Phi<Record<string, unknown>>): Promise<Result<EventId, PortFailure>> {
    const room = this.#id;
    if (room === null) return err({ kind: 'retry', code: 'no-control-room' });
    const encrypted = await this.#voices.encrypt(this.#bot, room, 'm.room.message', content);
    if (!encrypted.ok) return encrypted;
    return this.#voices.send(this.#bot, room, 'm.room.encrypted', id, encrypted.value.content);
  }
}
