import type { RoomId, UserId } from '../../kernel/ids.ts';
import { decide, type Facts, isOurs, rolesOf } from '../../policy/index.ts';
import type { Asked, Decided, GivenCommand } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Store, Tx } from '../ports.ts';
import type { Holds } from '../retention/holds.ts';
import type { RoomKeeper } from '../roomKeeperPort.ts';
import { roomFacts } from './keepRoom.ts';
import { isRoom, membersOf, type OfRoom, roomOf, SHOWN, said, shownSteps, toldIn, unfit } from './roomAnswers.ts';
import type { RoomKeeping } from './roomKeeping.ts';

export interface RoomDeskFlow {
  readonly store: Store;
  readonly keeper: RoomKeeper;
  readonly keeping: RoomKeeping;
  readonly holds: Pick<Holds, 'onRoom'>;
}

/** What administrators do with rooms that there are: `room list`, `show`, `explain`, `add`, `remove`, `close`. */
export class RoomDesk {
  readonly #flow: RoomDeskFlow;

  constructor(flow: RoomDeskFlow) {
    this.#flow = flow;
  }

  /** Names of the classes that rooms can be made of. */
  classes(): readonly string[] {
    return Object.keys(this.#flow.keeping.known()?.facts.policy.classes ?? {});
  }

  /** A kept room by its id or its name; null: there is none, or several. */
  find(typed: string): RoomId | null {
    const rooms = this.#rooms();
    const byId = rooms.find(({ roomId: id }) => id === typed);
    if (byId) return byId.roomId;
    const wanted = typed.trim().toLowerCase();
    const named = rooms.filter(({ subject, state }) => state === 'kept' && subject.name.toLowerCase() === wanted);
    return named.length === 1 ? (named[0]?.roomId ?? null) : null;
  }

  /** Names of kept rooms, for who mistyped one. */
  names(): readonly string[] {
    return this.#rooms().flatMap(({ subject, state }) => (state === 'kept' ? [subject.name] : []));
  }

  async list(): Promise<Decided> {
    const rooms = this.#rooms()
      .filter(({ state, roomId: id }) => state === 'kept' && id !== null)
      .map((room) => ({ ...this.#summary(room) }));
    return { outcome: 'ok', code: 'listed', data: { room_id: null, rooms }, audit: [] };
  }

  async show(room: RoomId): Promise<Decided> {
    const kept = this.#known(room);
    const facts = this.#facts();
    if (kept === null || facts === null) return refused('not-kept', { room_id: room });
    const observed = this.#flow.keeping.seen(room);
    const told = await this.#flow.store.read.keptRooms.told(room);
    const members = membersOf(observed).map(({ user, membership }) => ({
      user_id: user,
      membership,
      roles: rolesOf(facts.grants, user, facts.now),
      told: isOurs(user, facts) ? null : told.includes(user),
    }));
    const { store, holds } = this.#flow;
    const onRoom = { room, class: kept.subject.class, patient: kept.subject.patient ?? null };
    const data = {
      ...this.#summary(kept),
      holds: (await holds.onRoom(store.read, onRoom)).map(({ id }) => id),
      roles: kept.subject.roles,
      named: kept.subject.named,
      for_a_patient: kept.subject.patient !== undefined,
      members: members.slice(0, SHOWN),
      more_members: Math.max(0, members.length - SHOWN),
      told: toldIn(kept.subject.class, facts),
    };
    return { outcome: 'ok', code: 'shown', data, audit: [], about: { room_id: room } };
  }

  /** Looked at anew by `finishExplaining`. */
  async explain(room: RoomId): Promise<Decided> {
    if (this.#kept(room) === null) return this.#notKept(room);
    return { outcome: 'running', code: 'looking', data: { room_id: room }, audit: [], about: { room_id: room } };
  }

  /** Why the room is as it is: who may be in it and who not, what is wrong, and the rules it is kept by. */
  async finishExplaining(data: Decided['data']): Promise<Decided> {
    const room = String(data.room_id) as RoomId;
    const kept = this.#kept(room);
    const known = this.#flow.keeping.known();
    if (kept === null || known === null) return { ...refused('not-kept', { room_id: room }), outcome: 'failed' };
    const inspected = await this.#flow.keeping.inspect({ ...kept, roomId: room });
    if (!inspected.ok) return { outcome: 'failed', code: inspected.error.code, data: { room_id: room }, audit: [] };
    const { observed, corrections } = inspected.value;
    const judged = roomFacts(kept, kept.subject, known);
    const people = membersOf(observed).map(({ user, membership }) => {
      const violations = decide({ kind: 'join', user, room: judged.room }, judged);
      return {
        user_id: user,
        membership,
        allowed: violations.length === 0,
        why: violations.map(said),
      };
    });
    const shown = {
      ...this.#summary(kept),
      corrections: shownSteps(corrections),
      people: people.slice(0, SHOWN),
      more_people: Math.max(0, people.length - SHOWN),
      rules: known.facts.policy.classes[kept.subject.class] ?? null,
    };
    return { outcome: 'ok', code: corrections.length === 0 ? 'well' : 'to-correct', data: shown, audit: [] };
  }

  /** Somebody is to be in the room by name; brought in at once. */
  async add(tx: Tx, room: RoomId, user: UserId): Promise<Decided> {
    if (this.#isOwn(room)) return refused('own-room', { room_id: room });
    const kept = this.#kept(room);
    const facts = this.#facts();
    if (kept?.state !== 'kept' || facts === null) return this.#notKept(room);
    const refusal = unfit(kept.subject, [user], facts);
    if (refusal !== null) return { ...refusal, about: { room_id: room, user } };
    const named = [...new Set([...kept.subject.named, user])];
    return this.#saveNamed(tx, kept, named, 'room.member_named', user);
  }

  /** Somebody is not to be in the room by name any more. Who may be in it by a role stays, or comes back by it. */
  async remove(tx: Tx, room: RoomId, user: UserId): Promise<Decided> {
    if (this.#isOwn(room)) return refused('own-room', { room_id: room });
    const kept = this.#kept(room);
    if (kept?.state !== 'kept') return this.#notKept(room);
    if (!kept.subject.named.includes(user)) return refused('not-named', { room_id: room, user_id: user });
    const named = kept.subject.named.filter((one) => one !== user);
    const decided = await this.#saveNamed(tx, kept, named, 'room.member_unnamed', user);
    return {
      ...decided,
      afterwards: () => {
        decided.afterwards?.();
        void this.#flow.keeper.take(room, { kind: 'kick', user, reason: 'Taken off the list of this room.' });
      },
    };
  }

  /** Everybody is taken out; what was written stays for retention. */
  async close(room: RoomId): Promise<Decided> {
    if (this.#isOwn(room)) return refused('own-room', { room_id: room });
    const kept = this.#kept(room);
    if (kept?.state !== 'kept') return this.#notKept(room);
    const facts = this.#facts();
    const members = membersOf(this.#flow.keeping.seen(room)).filter(
      ({ user }) => facts === null || !isOurs(user, facts),
    );
    const about = { room_id: room, name: kept.subject.name };
    return {
      outcome: 'confirm',
      code: 'closes-room',
      data: { ...about, removed: members.map(({ user }) => user), second_person: false },
      audit: [],
      asks: { plan: about, secondPerson: false },
      about,
    };
  }

  /** What closing was shown on. */
  async closeBasis(plan: Asked['plan']): Promise<unknown> {
    return this.#kept(String(plan.room_id) as RoomId)?.state ?? null;
  }

  async closeAsShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const room = String(plan.room_id) as RoomId;
    const kept = this.#kept(room);
    if (kept?.state !== 'kept') return this.#notKept(room);
    const closed: KeptRoom = { ...kept, state: 'closed' };
    await tx.keptRooms.save(closed);
    const about = { room_id: room, name: kept.subject.name };
    return {
      outcome: 'ok',
      code: 'closed',
      data: about,
      audit: [{ action: 'room.closed', outcome: 'ok', actor: given.sender, room, detail: { name: kept.subject.name } }],
      about,
      afterwards: () => this.#flow.keeping.changed(closed),
    };
  }

  async #saveNamed(tx: Tx, kept: OfRoom, named: readonly UserId[], action: string, user: UserId): Promise<Decided> {
    const changed: KeptRoom = { ...kept, subject: { ...kept.subject, named } };
    await tx.keptRooms.save(changed);
    const data = { room_id: kept.roomId, user_id: user, named };
    return {
      outcome: 'ok',
      code: 'changed',
      data,
      audit: [{ action, outcome: 'ok', actor: 'wardroom', ...roomOf(kept), detail: { user } }],
      about: { room_id: kept.roomId, user },
      afterwards: () => this.#flow.keeping.changed(changed),
    };
  }

  #summary({ roomId: id, subject, state, since, replacedBy, faults }: OfRoom) {
    const observed = id === null ? null : this.#flow.keeping.seen(id);
    return {
      room_id: id,
      class: subject.class,
      name: subject.name,
      state,
      account: subject.account ?? null,
      since: new Date(since).toISOString(),
      replaced_by: replacedBy,
      joined: membersOf(observed).filter(({ membership }) => membership === 'join').length,
      left_to_people: Object.values(faults).filter(({ alarmed }) => alarmed).length,
    };
  }

  #facts(): Facts | null {
    return this.#flow.keeping.known()?.facts ?? null;
  }

  /** Who is in it goes by a roster or the configuration. */
  #isOwn(room: RoomId): boolean {
    const kept = this.#kept(room);
    const known = this.#flow.keeping.known();
    return kept !== null && known !== null && known.rosterOf(kept) !== null;
  }

  #rooms(): readonly OfRoom[] {
    return this.#flow.keeping.all().filter(isRoom);
  }

  #kept(room: RoomId): OfRoom | null {
    const known = this.#known(room);
    return known?.state === 'replaced' ? null : known;
  }

  /** Those that were upgraded, too. */
  #known(room: RoomId): OfRoom | null {
    const kept = this.#flow.keeping.of(room);
    return kept !== null && isRoom(kept) && kept.state !== 'invited' ? kept : null;
  }

  #notKept(room: RoomId): Decided {
    const known = this.#known(room);
    return known?.state === 'replaced'
      ? refused('replaced', { room_id: room, replaced_by: known.replacedBy })
      : refused('not-kept', { room_id: room });
  }
}
