/**
 * Legal holds: what has to be preserved, by whose order, since when and until when (the duty to preserve evidence; 45 CFR 164.316(b)(2)(i) for
 * documentation). What a hold covers is not deleted, whatever any lifetime says. Holds are kept as what happened to them, in order.
 */
import type { Instant } from '../../kernel/clock.ts';
import type { RoomId, TicketId, UserId } from '../../kernel/ids.ts';

/** What a hold covers: the messages for which all of this holds. Something is always named. */
export interface HoldScope {
  readonly room?: RoomId | undefined;
  /** What people take for the same room: what it was before it was upgraded, and what it was upgraded to. */
  readonly alsoRooms?: readonly RoomId[] | undefined;
  /** A room class. */
  readonly class?: string | undefined;
  /** A digest under a key of the installation, as kept rooms have it; never the reference itself. */
  readonly patient?: string | undefined;
  /** What they wrote, and tickets they were called for. */
  readonly person?: UserId | undefined;
  readonly ticket?: TicketId | undefined;
  /** Messages from this instant on, and up to but not including the other. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
}

export type HoldEvent =
  | {
      readonly type: 'placed';
      readonly id: string;
      readonly covers: HoldScope;
      readonly by: UserId;
      readonly at: Instant;
      /** Up to but not including; null: until somebody releases it. */
      readonly until: Instant | null;
    }
  | {
      /** A room that it names was upgraded: what is said in the new one is covered, too. */
      readonly type: 'extended';
      readonly id: string;
      readonly room: RoomId;
      readonly at: Instant;
    }
  | {
      readonly type: 'released';
      readonly id: string;
      /** Who asked for it. */
      readonly by: UserId;
      readonly at: Instant;
    };

export interface Hold {
  readonly id: string;
  readonly covers: HoldScope;
  readonly by: UserId;
  readonly at: Instant;
  readonly until: Instant | null;
  readonly released: { readonly by: UserId; readonly at: Instant } | null;
}

export function foldHolds(events: readonly HoldEvent[]): readonly Hold[] {
  const holds = new Map<string, Hold>();
  for (const event of events) {
    if (event.type === 'placed') {
      const { id, covers, by, at, until } = event;
      holds.set(id, { id, covers, by, at, until, released: null });
      continue;
    }
    const hold = holds.get(event.id);
    if (hold === undefined || hold.released !== null) continue;
    if (event.type === 'released') holds.set(event.id, { ...hold, released: { by: event.by, at: event.at } });
    else {
      const alsoRooms = [...(hold.covers.alsoRooms ?? []), event.room];
      holds.set(event.id, { ...hold, covers: { ...hold.covers, alsoRooms } });
    }
  }
  return [...holds.values()];
}

/** Never by what a clock says alone: a hold without an end stands until it is released. */
export const isHoldInForce = ({ until, released }: Hold, now: Instant): boolean =>
  released === null && (until === null || now < until);

/** Of what was done about holds: those in force now. */
export const holdsInForce = (events: readonly HoldEvent[], now: Instant): readonly Hold[] =>
  foldHolds(events).filter((hold) => isHoldInForce(hold, now));

/** What a message is, as far as holds ask. */
export interface Holdable {
  readonly room: RoomId;
  readonly class: string;
  readonly patient: string | null;
  readonly ticket: TicketId | null;
  /** Who wrote it, and whom its ticket called. */
  readonly people: readonly UserId[];
  readonly at: Instant;
}

/** Whether it names this room, or no room at all. */
const isAboutRoom = ({ room, alsoRooms = [] }: HoldScope, asked: RoomId): boolean =>
  room === undefined || room === asked || alsoRooms.includes(asked);

export function covers(scope: HoldScope, message: Holdable): boolean {
  const { class: roomClass, patient, person, ticket, from, to } = scope;
  return (
    isAboutRoom(scope, message.room) &&
    (roomClass === undefined || roomClass === message.class) &&
    (patient === undefined || patient === message.patient) &&
    (person === undefined || message.people.includes(person)) &&
    (ticket === undefined || ticket === message.ticket) &&
    (from === undefined || message.at >= from) &&
    (to === undefined || message.at < to)
  );
}

/** Whether a hold may cover something in this room: what its messages say is not asked. */
export const touchesRoom = (scope: HoldScope, room: Pick<Holdable, 'room' | 'class' | 'patient'>): boolean =>
  isAboutRoom(scope, room.room) &&
  (scope.class === undefined || scope.class === room.class) &&
  (scope.patient === undefined || scope.patient === room.patient);
