/** What the desks for rooms have in common. */
import type { UserId } from '../../kernel/ids.ts';
import { type Correction, decide, type Facts, membersAreTold, type ObservedRoom } from '../../policy/index.ts';
import type { Decided } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { KeptRoom, KeptSubject } from '../keptRoomsPort.ts';
import type { RoomCorrections } from '../policies.ts';
import { detailOf } from './keepRoom.ts';

export type RoomSubject = Extract<KeptSubject, { kind: 'room' }>;
export type OfRoom = KeptRoom & { readonly subject: RoomSubject };

/** So many corrections and members are shown. */
export const SHOWN = 60;

/** Somebody who may not be in such a room is not put on its list. */
export function unfit(subject: RoomSubject, users: readonly UserId[], facts: Facts): Decided | null {
  for (const user of users) {
    const [violation] = decide({ kind: 'join', user, room: subject }, facts);
    if (violation) return refused(violation.code, { user_id: user, ...said(violation) });
  }
  return null;
}

/** What members of a room of this class are told. */
export const toldIn = (roomClass: string, facts: Facts | null): string => {
  const found = facts?.policy.classes[roomClass];
  return found === undefined ? '' : membersAreTold(found);
};

export const isRoom = (room: KeptRoom): room is OfRoom => room.subject.kind === 'room';
export const roomOf = ({ roomId: id }: KeptRoom) => (id === null ? {} : { room: id });

export const said = ({
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
export function membersOf(
  observed: ObservedRoom | null,
): readonly { readonly user: UserId; readonly membership: string }[] {
  return (observed?.state ?? []).flatMap(({ type, state_key: user, content }) => {
    const membership = (content as { membership?: unknown } | null | undefined)?.membership;
    const isPresent = typeof membership === 'string' && ['join', 'invite', 'knock'].includes(membership);
    return type === 'm.room.member' && isPresent ? [{ user: user as UserId, membership }] : [];
  });
}

export function nameOf({ state }: ObservedRoom): string {
  const name = state.find(({ type, state_key: key }) => type === 'm.room.name' && key === '')?.content;
  const text = (name as { name?: unknown } | null | undefined)?.name;
  return typeof text === 'string' ? text : '';
}

/** As answers show what would be done: codes and ids only. */
export const shownSteps = (corrections: readonly Correction[]) =>
  corrections
    .slice(0, SHOWN)
    .map((one) => ({ ...detailOf(one), ...(one.kind === 'cannot-correct' ? { what: one.what } : {}) }));

/** What a change would do to each room, as answers show it. */
export const shownRooms = (
  rooms: readonly { readonly room: KeptRoom; readonly corrections: readonly Correction[] }[],
): readonly RoomCorrections[] =>
  rooms.map(({ room, corrections }) => ({
    room_id: room.roomId,
    name: room.subject.kind === 'room' ? room.subject.name : room.key,
    class: room.subject.kind === 'room' ? room.subject.class : room.subject.kind,
    steps: shownSteps(corrections),
  }));
