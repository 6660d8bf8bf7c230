import type { AccountRooms } from '../flows/accountRooms.ts';
import type { KeptRoom, KeptSubject } from '../flows/keptRoomsPort.ts';
import type { Roster } from '../flows/rooms/keepRoom.ts';
import type { RoomKeeping } from '../flows/rooms/roomKeeping.ts';
import type { AccountId, UserId } from '../kernel/ids.ts';
import type { ControlRoomIds } from './controlRooms.ts';
import type { LiveDirectory } from './liveDirectory.ts';

export interface OwnRoomsParts {
  readonly directory: LiveDirectory;
  readonly rooms: Pick<AccountRooms, 'belonging' | 'known'>;
  readonly accounts: readonly AccountId[];
  /** Who answers the texts of a line: being on it stands for a role, as being on a roster does. */
  readonly teamOf: (line: string) => readonly UserId[];
}

/** Who belongs in the rooms of no account. */
export interface SpecialPeople {
  /** Who may give commands. */
  readonly members: readonly UserId[];
  /** Privacy and security officers. */
  readonly officers: readonly UserId[];
}

const CONTROL = 'control';
const AUDIT = 'audit';
const PRIVACY = 'privacy';
/** The class of an account's room where its practice names none. */
const ON_CALL = 'on-call';

/** The rooms that Wardroom makes for itself: those of accounts, for commands, for the audit log. They are kept like all others. */
export class OwnRooms {
  readonly #parts: OwnRoomsParts;

  constructor(parts: OwnRoomsParts) {
    this.#parts = parts;
  }

  /** Records those that are there. */
  async keep(keeping: RoomKeeping, special: ControlRoomIds): Promise<void> {
    await keeping.keepOwn(CONTROL, special.control, subject(CONTROL, 'Wardroom control'));
    await keeping.keepOwn(AUDIT, special.audit, subject(AUDIT, 'Wardroom audit'));
    await keeping.keepOwn(PRIVACY, special.privacy, subject(PRIVACY, 'Wardroom privacy'));
    const { accounts, rooms } = this.#parts;
    for (const account of accounts) {
      const room = rooms.known(account);
      if (room === null) continue;
      const roomClass = this.#classOf(account) ?? ON_CALL;
      await keeping.keepOwn(`account:${account}`, room, { ...subject(roomClass, nameOf(account)), account });
    }
  }

  /**
   * Whoever is on an account's roster may read its tickets, unless its practice names a class: then the class's roles decide.
   */
  rosterOf({ key, subject: of }: KeptRoom, { members, officers }: SpecialPeople): Roster | null {
    const { directory, rooms } = this.#parts;
    // A command by somebody who may give none is refused, and told of: taken out, they would only try elsewhere.
    if (key === CONTROL) return { named: members, standsForRole: [], guestsStay: true };
    if (key === AUDIT) return { named: members, standsForRole: [] };
    if (key === PRIVACY) return { named: officers, standsForRole: [] };
    if (of.kind === 'room' && of.line !== undefined) {
      const team = this.#parts.teamOf(of.line);
      return { named: team, standsForRole: team };
    }
    if (of.kind !== 'room' || of.account === undefined) return null;
    const { account } = of;
    const everybody = directory.members(account).map(({ userId }) => userId);
    return { named: rooms.belonging(account), standsForRole: this.#classOf(account) === undefined ? everybody : [] };
  }

  #classOf(account: AccountId): string | undefined {
    return this.#parts.directory.dispatch.practices[account]?.room_class;
  }
}

const subject = (roomClass: string, name: string): Extract<KeptSubject, { kind: 'room' }> => ({
  kind: 'room',
  class: roomClass,
  name,
  roles: [],
  named: [],
});

/** As the rooms are made (matrix/roomRecipe.ts): the account's id if it can be nothing else. */
const nameOf = (account: AccountId): string =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(account) ? `On-call ${account}` : 'On-call';
