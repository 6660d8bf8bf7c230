import type { CommandAuthority } from '../flows/commandAuthority.ts';
import type { RoomId } from '../kernel/ids.ts';
import { ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { RunningMatrix } from '../matrix/index.ts';

const NO_LONGER = 'You hold no role any more that gives commands here.';

/**
 * The rooms for commands and for the log: whoever may give commands is brought into them, and whoever may not any more is removed (45 CFR
 * 164.308(a)(3)(ii)(C)). Others whom somebody invited are that person's business.
 */
export class ControlRooms {
  readonly #rooms: Pick<RunningMatrix['rooms'], 'ensureControlRoom' | 'ensureAuditRoom' | 'people' | 'remove'>;
  readonly #authority: Pick<CommandAuthority, 'members' | 'former'>;
  /** For whom they were kept last; null: never yet. */
  #keptFor: string | null = null;

  constructor(
    rooms: Pick<RunningMatrix['rooms'], 'ensureControlRoom' | 'ensureAuditRoom' | 'people' | 'remove'>,
    authority: Pick<CommandAuthority, 'members' | 'former'>,
  ) {
    this.#rooms = rooms;
    this.#authority = authority;
  }

  get areThere(): boolean {
    return this.#keptFor !== null;
  }

  /** Makes them where they are not there yet. */
  async open(): Promise<Result<void, PortFailure>> {
    const [members, former] = [this.#authority.members(), this.#authority.former()];
    for (const make of [this.#rooms.ensureControlRoom, this.#rooms.ensureAuditRoom]) {
      const room = await make.call(this.#rooms, members);
      if (!room.ok) return room;
      const cleared = await this.#clear(room.value, former);
      if (!cleared.ok) return cleared;
    }
    this.#keptFor = members.join(' ');
    return ok(undefined);
  }

  /** When somebody else may give commands than before. Whether so; a room that could not be kept is tried again at the next call. */
  async keep(): Promise<boolean> {
    if (this.#authority.members().join(' ') === this.#keptFor) return false;
    return (await this.open()).ok;
  }

  async #clear(room: RoomId, former: readonly string[]): Promise<Result<void, PortFailure>> {
    const people = await this.#rooms.people(room);
    if (!people.ok) return people;
    for (const user of people.value.filter((one) => former.includes(one))) {
      const removed = await this.#rooms.remove(room, user, NO_LONGER);
      if (!removed.ok) return removed;
    }
    return ok(undefined);
  }
}
