/**
 * Legal holds: what has to be preserved, by whose order, since when and until when (the duty to preserve evidence; 45 CFR 164.316(b)(2)(i) for
 * documentation). What a hold covers is not deleted, whatever any lifetime says. Holds are kept as what happened to them, in order.
 */
import type { Instant } from '../../kernel/clock.ts';
import type { RoomId, TicketId, UserId } from '../../kernel/ids.ts';

/** What a hold covers: the messages for which all of this holds. Something is always named. */
export interface HoldScope {
  readonly room?: RoomId | undefined;
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
    if (hold !== undefined && hold.released === null)
      holds.set(event.id, { ...hold, released: { by: event.by, at: event.at } });
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

export function covers(scope: HoldScope, message: Holdable): boolean {
  const { room, class: roomClass, patient, person, ticket, from, to } = scope;
  return (
    (room === undefined || room === message.room) &&
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
  (scope.room === undefined || scope.room === room.room) &&
  (scope.class === undefined || scope.class === room.class) &&
  (scope.patient === undefined || scope.patient === room.patient);
