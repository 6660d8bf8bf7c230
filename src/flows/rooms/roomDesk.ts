import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import { type RoomId, roomId, type UserId } from '../../kernel/ids.ts';
import {
  type Correction,
  decide,
  type Facts,
  isOurs,
  membersAreTold,
  type ObservedRoom,
  rolesOf,
  roomNameOf,
} from '../../policy/index.ts';
import type { Asked, Decided, GivenCommand } from '../commandsPort.ts';
import type { KeptRoom, KeptSubject } from '../keptRoomsPort.ts';
import type { AuditEntry, Store, Tx } from '../ports.ts';
import type { RoomKeeper } from '../roomKeeperPort.ts';
import { detailOf, roomFacts } from './keepRoom.ts';
import { newKept } from './keptRooms.ts';
import type { RoomKeeping } from './roomKeeping.ts';

export interface RoomDeskFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly keeper: RoomKeeper;
  readonly keeping: RoomKeeping;
  /** A patient's reference as a digest under a key of the installation: it can be found again, not read. */
  readonly digest: (reference: string) => string;
}

type RoomSubject = Extract<KeptSubject, { kind: 'room' }>;
type OfRoom = KeptRoom & { readonly subject: RoomSubject };

export interface NewRoomWish {
  readonly class: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly members: readonly UserId[];
  readonly patient: string | null;
}

/** So many corrections and members are shown. */
const SHOWN = 60;

/** What administrators do with rooms: `room create`, `adopt`, `list`, `show`, `explain`, `add`, `remove`, `close`. */
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

  /** The room is made by `finishCreating`. */
  async create(tx: Tx, wish: NewRoomWish): Promise<Decided> {
    await this.#flow.keeping.ready();
    const facts = this.#facts();
    if (facts === null) return refused('not-ready');
    const { class: roomClass, name, roles, members, patient } = wish;
    const about = { class: roomClass };
    const [violation] = decide({ kind: 'create-room', class: roomClass, name, roles }, facts);
    if (violation) return { ...refused(violation.code, said(violation)), about };
    const classOf = facts.policy.classes[roomClass];
    if (classOf === undefined) return refused('class-unknown');
    const key = randomUUID();
    const called = roomNameOf(classOf, name, key.slice(0, 8));
    if (this.names().some((one) => one.toLowerCase() === called.toLowerCase())) return refused('name-taken');
    const subject: RoomSubject = {
      kind: 'room',
      class: roomClass,
      name: called,
      roles,
      named: members,
      ...(patient === null ? {} : { patient: this.#flow.digest(patient) }),
    };
    const unfit = this.#unfit(subject, members, facts);
    if (unfit !== null) return { ...unfit, about };
    const room = newKept(key, subject, this.#flow.clock.now());
    await tx.keptRooms.save(room);
    return {
      outcome: 'running',
      code: 'making',
      data: { key, class: roomClass, name: called },
      audit: [],
      about: { class: roomClass, name: called, roles, members },
      afterwards: () => this.#flow.keeping.changed(room),
    };
  }

  async finishCreating(data: Decided['data']): Promise<Decided> {
    const { keeping, clock, store } = this.#flow;
    const key = String(data.key);
    await keeping.ready();
    // After a crash it is known from the start; before, from the commit.
    const made = await keeping.make(key);
    const { class: roomClass, name } = data;
    if (made.ok) {
      await keeping.settled(made.value);
      const shown = { room_id: made.value, class: roomClass, name, told: this.#told(String(roomClass)) };
      return { outcome: 'ok', code: 'made', data: shown, audit: [], about: shown };
    }
    const kept = keeping.all().find((one) => one.key === key);
    if (kept) {
      // What could not be made is not made later, when nobody expects it any more.
      const over: KeptRoom = { ...kept, state: 'closed' };
      await store.change(async (tx) => {
        await tx.keptRooms.save(over);
        const entry = { action: 'room.not_made', outcome: 'failed', actor: 'wardroom', code: made.error.code } as const;
        return { value: null, audit: [{ ...entry, detail: { class: roomClass, at: clock.now() } }] };
      });
      keeping.changed(over);
    }
    return { outcome: 'failed', code: made.error.code, data: { class: roomClass, name }, audit: [] };
  }

  /** A room that somebody else made is looked at by `finishAdopting`. */
  async adopt(room: RoomId, roomClass: string): Promise<Decided> {
    await this.#flow.keeping.ready();
    const facts = this.#facts();
    if (facts === null) return refused('not-ready');
    if (!Object.hasOwn(facts.policy.classes, roomClass)) return refused('class-unknown');
    if (this.#flow.keeping.of(room) !== null) return refused('kept-already', { room_id: room });
    const about = { room_id: room, class: roomClass };
    return { outcome: 'running', code: 'looking', data: about, audit: [], about };
  }

  /** Keeps the room; asks first where that takes people out of it. */
  async finishAdopting(data: Decided['data']): Promise<Decided> {
    const { keeper, keeping, clock, store } = this.#flow;
    const room = String(data.room_id) as RoomId;
    const roomClass = String(data.class);
    const about = { room_id: room, class: roomClass };
    await keeping.ready();
    const known = keeping.known();
    const already = keeping.of(room);
    // A crash after it was kept.
    if (already !== null && already.state === 'kept') return { outcome: 'ok', code: 'kept', data: about, audit: [] };
    if (known === null) return { ...refused('not-ready'), data: about };
    const entered = await keeper.enter(room);
    if (!entered.ok) return { outcome: 'failed', code: entered.error.code, data: about, audit: [] };
    const seen = await keeper.observe(room);
    if (!seen.ok) return { outcome: 'failed', code: seen.error.code, data: about, audit: [] };
    const key = randomUUID();
    const classOf = known.facts.policy.classes[roomClass];
    if (classOf === undefined) return refused('class-unknown', about);
    const before = nameOf(seen.value);
    const isFine = decide({ kind: 'create-room', class: roomClass, name: before, roles: [] }, known.facts).length === 0;
    const name = roomNameOf(classOf, isFine ? before : `${classOf.title} ${key.slice(0, 8)}`, key.slice(0, 8));
    const subject: RoomSubject = { kind: 'room', class: roomClass, name, roles: [], named: [] };
    const candidate = { ...newKept(key, subject, clock.now()), roomId: room };
    const inspected = await keeping.inspect(candidate);
    if (!inspected.ok) return { outcome: 'failed', code: inspected.error.code, data: about, audit: [] };
    const { corrections } = inspected.value;
    const removed = corrections.flatMap((one) => (one.kind === 'kick' ? [one.user] : []));
    const shown = { ...about, name, removed, corrections: shownSteps(corrections) };
    if (removed.length > 0 && data.removed === undefined)
      return {
        outcome: 'confirm',
        code: 'removes-people',
        data: { ...shown, second_person: false },
        audit: [],
        asks: { plan: { ...about, removed }, secondPerson: false },
        about: { ...about, removed },
      };
    const entry: AuditEntry = {
      action: 'room.adopted',
      outcome: 'ok',
      actor: 'wardroom',
      room,
      detail: { class: roomClass, name },
    };
    await store.change(async (tx) => {
      await tx.keptRooms.save(candidate);
      return { value: null, audit: [entry] };
    });
    keeping.changed(candidate);
    await keeping.settled(room);
    return { outcome: 'ok', code: 'adopted', data: { ...shown, told: this.#told(roomClass) }, audit: [], about };
  }

  async list(): Promise<Decided> {
    const rooms = this.#rooms()
      .filter(({ state, roomId: id }) => state === 'kept' && id !== null)
      .map((room) => ({ ...this.#summary(room) }));
    return { outcome: 'ok', code: 'listed', data: { room_id: null, rooms }, audit: [] };
  }

  async show(room: RoomId): Promise<Decided> {
    const kept = this.#kept(room);
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
    const data = {
      ...this.#summary(kept),
      roles: kept.subject.roles,
      named: kept.subject.named,
      for_a_patient: kept.subject.patient !== undefined,
      members: members.slice(0, SHOWN),
      more_members: Math.max(0, members.length - SHOWN),
      told: this.#told(kept.subject.class),
    };
    return { outcome: 'ok', code: 'shown', data, audit: [], about: { room_id: room } };
  }

  /** Looked at anew by `finishExplaining`. */
  async explain(room: RoomId): Promise<Decided> {
    if (this.#kept(room) === null) return refused('not-kept', { room_id: room });
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
    const kept = this.#kept(room);
    const facts = this.#facts();
    if (kept?.state !== 'kept' || facts === null) return refused('not-kept', { room_id: room });
    const unfit = this.#unfit(kept.subject, [user], facts);
    if (unfit !== null) return { ...unfit, about: { room_id: room, user } };
    const named = [...new Set([...kept.subject.named, user])];
    return this.#rename(tx, kept, named, 'room.member_named', user);
  }

  /** Somebody is not to be in the room by name any more. Who may be in it by a role stays, or comes back by it. */
  async remove(tx: Tx, room: RoomId, user: UserId): Promise<Decided> {
    const kept = this.#kept(room);
    if (kept?.state !== 'kept') return refused('not-kept', { room_id: room });
    if (!kept.subject.named.includes(user)) return refused('not-named', { room_id: room, user_id: user });
    const named = kept.subject.named.filter((one) => one !== user);
    const decided = await this.#rename(tx, kept, named, 'room.member_unnamed', user);
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
    const kept = this.#kept(room);
    if (kept?.state !== 'kept') return refused('not-kept', { room_id: room });
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
    if (kept?.state !== 'kept') return refused('not-kept', { room_id: room });
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

  async #rename(tx: Tx, kept: OfRoom, named: readonly UserId[], action: string, user: UserId): Promise<Decided> {
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

  /** Somebody who may not be in such a room is not put on its list. */
  #unfit(subject: RoomSubject, users: readonly UserId[], facts: Facts): Decided | null {
    for (const user of users) {
      const [violation] = decide({ kind: 'join', user, room: subject }, facts);
      if (violation) return refused(violation.code, { user_id: user, ...said(violation) });
    }
    return null;
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

  #told(roomClass: string): string {
    const found = this.#facts()?.policy.classes[roomClass];
    return found === undefined ? '' : membersAreTold(found);
  }

  #facts(): Facts | null {
    return this.#flow.keeping.known()?.facts ?? null;
  }

  #rooms(): readonly OfRoom[] {
    return this.#flow.keeping.all().filter(isRoom);
  }

  #kept(room: RoomId): OfRoom | null {
    const kept = this.#flow.keeping.of(room);
    return kept !== null && isRoom(kept) && (kept.state === 'kept' || kept.state === 'closed') ? kept : null;
  }
}

const isRoom = (room: KeptRoom): room is OfRoom => room.subject.kind === 'room';
const roomOf = ({ roomId: id }: KeptRoom) => (id === null ? {} : { room: id });

const said = ({
  code,
  what,
  regulation,
}: {
  readonly code: string;
  readonly what: string;
  readonly regulation: string;
}) => ({
  reason: code,
  what,
  regulation,
});

/** Who is in a room, invited to it or knocks. */
function membersOf(observed: ObservedRoom | null): readonly { readonly user: UserId; readonly membership: string }[] {
  return (observed?.state ?? []).flatMap(({ type, state_key: user, content }) => {
    const membership = (content as { membership?: unknown } | null | undefined)?.membership;
    const isPresent = typeof membership === 'string' && ['join', 'invite', 'knock'].includes(membership);
    return type === 'm.room.member' && isPresent ? [{ user: user as UserId, membership }] : [];
  });
}

function nameOf({ state }: ObservedRoom): string {
  const name = state.find(({ type, state_key: key }) => type === 'm.room.name' && key === '')?.content;
  const text = (name as { name?: unknown } | null | undefined)?.name;
  return typeof text === 'string' ? text : '';
}

/** As answers show what would be done: codes and ids only. */
export const shownSteps = (corrections: readonly Correction[]) =>
  corrections
    .slice(0, SHOWN)
    .map((one) => ({ ...detailOf(one), ...(one.kind === 'cannot-correct' ? { what: one.what } : {}) }));

/** A Matrix room id, as somebody typed it. */
export const roomIdOf = (typed: string): RoomId | null => (/^![^\s]{1,254}$/.test(typed) ? roomId(typed) : null);

const refused = (code: string, data: Decided['data'] = {}): Decided => ({ outcome: 'refused', code, data, audit: [] });
