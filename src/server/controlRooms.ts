import type { CommandAuthority } from '../flows/commandAuthority.ts';
import type { RoomId } from '../kernel/ids.ts';
import { ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { RunningMatrix } from '../matrix/index.ts';

export interface ControlRoomIds {
  readonly control: RoomId;
  readonly audit: RoomId;
  readonly privacy: RoomId;
}

type SpecialRooms = Pick<
  RunningMatrix['rooms'],
  'ensureControlRoom' | 'ensureAuditRoom' | 'ensurePrivacyRoom' | 'people' | 'remove'
>;
type Authority = Pick<CommandAuthority, 'members' | 'former' | 'officers' | 'formerOfficers'>;

const NO_LONGER = 'You hold no role any more that gives commands here.';
const NO_OFFICER = 'You are no privacy or security officer any more.';

/**
 * The rooms for commands and for the log: whoever may give commands is brought into them, and whoever may not any more is removed (45 CFR
 * 164.308(a)(3)(ii)(C)); and the room of privacy and security officers, likewise. What becomes of others is decided by the keeping of rooms (`ownRooms.ts`).
 */
export class ControlRooms {
  readonly #rooms: SpecialRooms;
  readonly #authority: Authority;
  /** For whom they were kept last. */
  #keptFor = '';
  #ids: ControlRoomIds | null = null;

  constructor(rooms: SpecialRooms, authority: Authority) {
    this.#rooms = rooms;
    this.#authority = authority;
  }

  /** Null: not there yet. */
  get ids(): ControlRoomIds | null {
    return this.#ids;
  }

  /** Makes them where they are not there yet. */
  async open(): Promise<Result<void, PortFailure>> {
    const [members, officers] = [this.#authority.members(), this.#authority.officers()];
    const keptFor = this.#wanted();
    const control = await this.#rooms.ensureControlRoom(members);
    if (!control.ok) return control;
    const audit = await this.#rooms.ensureAuditRoom(members);
    if (!audit.ok) return audit;
    const privacy = await this.#rooms.ensurePrivacyRoom(officers);
    if (!privacy.ok) return privacy;
    for (const room of [control.value, audit.value]) {
      const cleared = await this.#clear(room, this.#authority.former(), NO_LONGER);
      if (!cleared.ok) return cleared;
    }
    const cleared = await this.#clear(privacy.value, this.#authority.formerOfficers(), NO_OFFICER);
    if (!cleared.ok) return cleared;
    this.#keptFor = keptFor;
    this.#ids = { control: control.value, audit: audit.value, privacy: privacy.value };
    return ok(undefined);
  }

  /** When somebody else may give commands, or is an officer, than before. Whether so; a room that could not be kept is tried again at the next call. */
  async keep(): Promise<boolean> {
    if (this.#wanted() === this.#keptFor) return false;
    return (await this.open()).ok;
  }

  #wanted(): string {
    return JSON.stringify([this.#authority.members(), this.#authority.officers()]);
  }

  async #clear(room: RoomId, former: readonly string[], why: string): Promise<Result<void, PortFailure>> {
    const people = await this.#rooms.people(room);
    if (!people.ok) return people;
    for (const user of people.value.filter((one) => former.includes(one))) {
      const removed = await this.#rooms.remove(room, user, why);
      if (!removed.ok) return removed;
    }
    return ok(undefined);
  }
}
