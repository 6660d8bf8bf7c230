import type { RoomId } from '../../kernel/ids.ts';
import { couldRead, type Happened, type ObservedRoom, type RoomReaders } from '../../policy/index.ts';
import type { ActivityRecord } from '../activityPort.ts';
import { membersOf } from '../rooms/roomAnswers.ts';

export interface WhoCouldReadParts {
  readonly record: Pick<ActivityRecord, 'stays' | 'keyHolders'>;
  /** A room as it was when it was looked at last; null: it is not kept, or was not looked at. */
  readonly seen: (room: RoomId) => ObservedRoom | null;
}

/** Who could have read what was said in a room, by all that Wardroom knows of it. */
export async function whoCouldRead(
  { record, seen }: WhoCouldReadParts,
  room: RoomId,
  range: Happened | null,
): Promise<RoomReaders> {
  const observed = seen(room);
  const [stays, holders] = await Promise.all([record.stays(room), record.keyHolders(room, range)]);
  const present = membersOf(observed).flatMap(({ user, membership }) => (membership === 'join' ? [user] : []));
  return couldRead({ room, stays, holders, present, historyVisibility: visibilityOf(observed) }, range);
}

function visibilityOf(observed: ObservedRoom | null): string | null {
  const content = observed?.state.find(({ type }) => type === 'm.room.history_visibility')?.content;
  const value = (content as { history_visibility?: unknown } | null | undefined)?.history_visibility;
  return typeof value === 'string' ? value : null;
}
