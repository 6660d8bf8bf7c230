import type { RoomId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { RoomActor } from './bridge.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import { findRooms } from './roomFinder.ts';
import { purposeKey, type RoomPurpose } from './roomRecipe.ts';

export interface MadeRoomsOptions {
  readonly bot: RoomActor;
  readonly botRequest: MatrixRequest;
  readonly log: (level: 'info', code: string, about: Readonly<Record<string, string>>) => void;
}

/**
 * The rooms that the bot made, each known by its purpose: looked for by their markers before one is made, so that making a room may be
 * repeated after a crash or a lost answer. One of these per process: two would not know of each other's work.
 */
export class MadeRooms {
  readonly #options: MadeRoomsOptions;
  #found: Map<string, RoomId> | null = null;
  readonly #running = new Map<string, Promise<Result<RoomId, PortFailure>>>();

  constructor(options: MadeRoomsOptions) {
    this.#options = options;
  }

  /** Whether the room of this purpose was found or made already, by this process. */
  isKnown(purpose: RoomPurpose): boolean {
    return this.#found?.has(purposeKey(purpose)) ?? false;
  }

  /** One at a time per purpose, so that two tickets for a new account do not make two rooms. */
  async inTurn(
    purpose: RoomPurpose,
    work: () => Promise<Result<RoomId, PortFailure>>,
  ): Promise<Result<RoomId, PortFailure>> {
    const key = purposeKey(purpose);
    const before = this.#running.get(key) ?? Promise.resolve(null);
    const run = before.catch(() => null).then(work);
    this.#running.set(key, run);
    try {
      return await run;
    } finally {
      if (this.#running.get(key) === run) this.#running.delete(key);
    }
  }

  /** The room of this purpose, or one made with `body` (of `createRoom`; holds the marker). Only within `inTurn`. */
  async findOrCreate(purpose: RoomPurpose, body: Record<string, unknown>): Promise<Result<RoomId, PortFailure>> {
    const key = purposeKey(purpose);
    const { bot, botRequest, log } = this.#options;
    if (this.#found === null) {
      const found = await findRooms(bot.user, botRequest);
      if (!found.ok) return found;
      // Rooms made while it was looked for stay known.
      this.#found = new Map([...found.value, ...(this.#found ?? new Map<string, RoomId>())]);
    }
    const known = this.#found.get(key);
    if (known !== undefined) return ok(known);
    const created = await bot.createRoom(body);
    if (!created.ok) {
      // It may exist now: look again before the next attempt. That makes repeating safe.
      this.#found = null;
      return err({ kind: created.error.kind === 'unknown' ? 'retry' : created.error.kind, code: created.error.code });
    }
    this.#found?.set(key, created.value);
    log('info', 'room.created', { room: created.value, purpose: purpose.purpose });
    return created;
  }
}
