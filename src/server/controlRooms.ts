import type { CommandAuthority } from '../flows/commandAuthority.ts';
import type { RoomId } from '../kernel/ids.ts';
import { ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { RunningMatrix } from '../matrix/index.ts';

export interface ControlRoomIds {
  readonly control: RoomId;
  readonly audit: RoomId;
}

const NO_LONGER = 'You hold no role any more that gives commands here.';

/**
 * The rooms for commands and for the log: whoever may give commands is brought into them, and whoever may not any more is removed (45 CFR
 * 164.308(a)(3)(ii)(C)). What becomes of others is decided by the keeping of rooms (`ownRooms.ts`).
 */
export class ControlRooms {
  readonly #rooms: Pick<RunningMatrix['rooms'], 'ensureControlRoom' | 'ensureAuditRoom' | 'people' | 'remove'>;
  readonly #authority: Pick<CommandAuthority, 'members' | 'former'>;
  /** For whom they were kept last. */
  #keptFor = '';
  #ids: ControlRoomIds | null = null;

  constructor(
    rooms: Pick<RunningMatrix['rooms'], 'ensureControlRoom' | 'ensureAuditRoom' | 'people' | 'remove'>,
    authority: Pick<CommandAuthority, 'members' | 'former'>,
  ) {
    this.#rooms = rooms;
    this.#authority = authority;
  }

  /** Null: not there yet. */
  get ids(): ControlRoomIds | null {
    return this.#ids;
  }

  /** Makes them where they are not there yet. */
  async open(): Promise<Result<void, PortFailure>> {
    const [members, former] = [this.#authority.members(), this.#authority.former()];
    const control = await this.#rooms.ensureControlRoom(members);
    if (!control.ok) return control;
    const audit = await this.#rooms.ensureAuditRoom(members);
    if (!audit.ok) return audit;
    for (const room of [control.value, audit.value]) {
      const cleared = await this.#clear(room, former);
      if (!cleared.ok) return cleared;
    }
    this.#keptFor = members.join(' ');
    this.#ids = { control: control.value, audit: audit.value };
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
