import type { Clock, Instant } from '../../kernel/clock.ts';
import type { RoomId } from '../../kernel/ids.ts';
import {
  type Facts,
  grantsOfSpace,
  neededSpaces,
  nextChange,
  type ObservedRoom,
  spaceKey,
} from '../../policy/index.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Reads, Store } from '../ports.ts';
import type { Known } from './keepRoom.ts';
import type { KeptRooms } from './keptRooms.ts';

export interface KnowledgeFlow {
  readonly store: Store;
  readonly clock: Clock;
  /** What our own record says; null: the policy cannot be read. */
  readonly facts: (read: Reads) => Promise<Facts | null>;
  readonly voicesOf: Known['voicesOf'];
  readonly rosterOf: Known['rosterOf'];
}

/** What rooms are judged by: what is on record, who is in partners' spaces, and how rooms were when they were looked at last. */
export class RoomKnowledge {
  readonly #flow: KnowledgeFlow;
  readonly #rooms: KeptRooms;
  readonly #seen = new Map<RoomId, ObservedRoom>();
  #known: (Known & { readonly until: Instant | null }) | null = null;
  #recorded: string | null = null;

  constructor(flow: KnowledgeFlow, rooms: KeptRooms) {
    this.#flow = flow;
    this.#rooms = rooms;
  }

  /** As of now; null: never read, or the policy cannot be. */
  now(): Known | null {
    if (this.#known === null) return null;
    return { ...this.#known, facts: { ...this.#known.facts, now: this.#flow.clock.now() } };
  }

  /** Whether every answer is still what it was by `earlier`: nothing was read since, and no time came that changes one. */
  isSameAs(earlier: Known): boolean {
    const now = this.#flow.clock.now();
    const known = this.#known;
    return (
      known !== null &&
      known.facts.grants === earlier.facts.grants &&
      known.facts.policy === earlier.facts.policy &&
      known.basis === earlier.basis &&
      now >= known.facts.now &&
      (known.until === null || now < known.until)
    );
  }

  seen(room: RoomId): ObservedRoom | null {
    return this.#seen.get(room) ?? null;
  }

  /** A room was looked at. Whether somebody holds or lost a role by it: who is in a partner's mirrored space holds one here. */
  saw({ subject }: KeptRoom, room: ObservedRoom): boolean {
    this.#seen.set(room.roomId, room);
    const known = this.now();
    if (known === null || subject.kind !== 'space' || subject.mirror === null) return false;
    const now = grantsOfSpace(room, { ...known.facts, space: subject }).map(({ user }) => user);
    const before = known.facts.grants.filter(({ by, role }) => by === subject.mirror && role === subject.role);
    return now.join() !== before.map(({ user }) => user).join();
  }

  /** Whether something was decided since it was read, by whatever process, or time alone changed an answer. */
  async isOld(): Promise<boolean> {
    const recorded = await this.#flow.store.read.keptRooms.basis();
    const now = this.#flow.clock.now();
    const known = this.#known;
    const isOver = known === null || now < known.facts.now || (known.until !== null && now >= known.until);
    const isNew = recorded !== this.#recorded;
    this.#recorded = recorded;
    return isNew || isOver;
  }

  async read(): Promise<Known | null> {
    const { store, facts: factsOf, voicesOf, rosterOf } = this.#flow;
    const facts = await factsOf(store.read);
    if (facts === null) {
      this.#known = null;
      return null;
    }
    const roleSpaces = this.#rooms
      .all()
      .flatMap(({ subject, roomId, state }) =>
        subject.kind === 'space' && roomId !== null && state === 'kept' ? [{ ...subject, roomId }] : [],
      );
    const mirrored = roleSpaces.flatMap((space) => {
      const observed = this.#seen.get(space.roomId);
      return observed === undefined ? [] : grantsOfSpace(observed, { ...facts, space });
    });
    const all = { ...facts, grants: [...facts.grants, ...mirrored] };
    const childrenOf = (space: KeptRoom) => openedBy(space, this.#rooms.all(), all);
    const until = nextChange(all);
    const basis = `${this.#recorded} ${until} ${mirrored.map(({ user, role }) => `${user} ${role}`).join()}`;
    this.#known = { facts: all, roleSpaces, voicesOf, rosterOf, childrenOf, basis, until };
    return this.#known;
  }
}

/** The rooms that people join by being in this space, sorted. */
const openedBy = ({ key }: KeptRoom, rooms: readonly KeptRoom[], facts: Facts): readonly RoomId[] =>
  rooms
    .flatMap(({ subject, state, roomId }) => {
      if (subject.kind !== 'room' || state !== 'kept' || roomId === null) return [];
      const opens = neededSpaces(subject, facts).some(({ role, server }) => spaceKey(role, server) === key);
      return opens ? [roomId] : [];
    })
    .sort();
