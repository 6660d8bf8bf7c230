import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import { decide, type Facts, roomNameOf } from '../../policy/index.ts';
import type { Decided } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { AuditEntry, Store, Tx } from '../ports.ts';
import type { RoomKeeper } from '../roomKeeperPort.ts';
import { newKept } from './keptRooms.ts';
import { isRoom, nameOf, type RoomSubject, said, shownSteps, toldIn, unfit } from './roomAnswers.ts';
import type { RoomKeeping } from './roomKeeping.ts';

export interface RoomOpeningFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly keeper: RoomKeeper;
  readonly keeping: RoomKeeping;
  /** A patient's reference as a digest under a key of the installation: it can be found again, not read. */
  readonly digest: (reference: string) => string;
}

export interface NewRoomWish {
  readonly class: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly members: readonly UserId[];
  readonly patient: string | null;
}

/** How rooms come to be kept: `room create`, `room adopt`. */
export class RoomOpening {
  readonly #flow: RoomOpeningFlow;

  constructor(flow: RoomOpeningFlow) {
    this.#flow = flow;
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
    if (this.#names().some((one) => one.toLowerCase() === called.toLowerCase())) return refused('name-taken');
    const subject: RoomSubject = {
      kind: 'room',
      class: roomClass,
      name: called,
      roles,
      named: members,
      ...(patient === null ? {} : { patient: this.#flow.digest(patient) }),
    };
    const refusal = unfit(subject, members, facts);
    if (refusal !== null) return { ...refusal, about };
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
      const shown = { room_id: made.value, class: roomClass, name, told: toldIn(String(roomClass), this.#facts()) };
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
    return {
      outcome: 'ok',
      code: 'adopted',
      data: { ...shown, told: toldIn(roomClass, known.facts) },
      audit: [],
      about,
    };
  }

  #facts(): Facts | null {
    return this.#flow.keeping.known()?.facts ?? null;
  }

  #names(): readonly string[] {
    return this.#flow.keeping
      .all()
      .flatMap((room) => (isRoom(room) && room.state === 'kept' ? [room.subject.name] : []));
  }
}
