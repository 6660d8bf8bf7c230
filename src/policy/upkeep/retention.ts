import type { Tree } from '../observedRoom.ts';
import type { RoomClass } from '../policySchema.ts';
import { blank, demand, type Upkeep } from '../upkeepRule.ts';
import { durationMs } from '../values.ts';

/**
 * Wardroom deletes; a homeserver that purges by `m.room.retention` would take unacknowledged STAT messages and held ones with it. So the state
 * is empty unless the class publishes it, and whoever sets it to blank a room is undone.
 */
export const retention: Upkeep = {
  name: 'retention',
  regulation: '45 CFR 164.312(c)(1), 164.316(b)(2)(i)',
  look: ({ room, roomClass }) => {
    const wanted = published(roomClass);
    const event = room.event('m.room.retention');
    if (blank(wanted) && (event === null || blank(event.content))) return [];
    return demand(room, 'm.room.retention', wanted, 'retention');
  },
};

function published({ retention: { publish, max_age: maxAge, min_age: minAge } }: RoomClass): Tree {
  if (!publish || maxAge === 'never') return {};
  const least = durationMs(minAge);
  return { max_lifetime: durationMs(maxAge), ...(least > 0 ? { min_lifetime: least } : {}) };
}
