import { type RoomId, roomId } from '../../kernel/ids.ts';
import { own, treeOf } from '../observedRoom.ts';
import { cannot, type Found, type Upkeep } from '../upkeepRule.ts';

/** Room versions that Wardroom knows the rules of. */
const KEPT: readonly string[] = ['11', '12'];

/** A room that was replaced is followed; one that cannot be kept is named. */
export const upgrade: Upkeep = {
  name: 'upgrade',
  regulation: '45 CFR 164.308(a)(4), 164.312(c)(1)',
  look: ({ room, roomClass, facts }): readonly Found[] => {
    const found: Found[] = [];
    const tombstone = room.event('m.room.tombstone');
    const replacement = replacementOf(tombstone?.content);
    if (tombstone && replacement === null) {
      found.push(
        cannot(
          'tombstone',
          'no-replacement',
          'This room says that it was replaced, and not by which. Make a new room.',
        ),
      );
    } else if (tombstone && replacement !== null && replacement !== facts.room.replacedBy) {
      found.push({ kind: 'follow-upgrade', fault: 'replaced', replacement, by: tombstone.sender });
    }
    if (tombstone) return found;
    if (!KEPT.includes(room.version)) {
      found.push(
        cannot(
          'room-version',
          'room-version',
          'The rules of this room version are not known. Make a new room, or upgrade it to 11 or 12.',
        ),
      );
    }
    if (own(room.content('m.room.create') ?? {}, 'm.federate') === false && roomClass.federation !== 'never') {
      found.push(
        cannot(
          'not-federated',
          'not-federated',
          'People of partners cannot join: the room was made for this hospital only. Make a new room.',
        ),
      );
    }
    return found;
  },
};

function replacementOf(content: unknown): RoomId | null {
  const id = own(treeOf(content), 'replacement_room');
  return typeof id === 'string' && /^![^\s]{1,254}$/.test(id) ? roomId(id) : null;
}
