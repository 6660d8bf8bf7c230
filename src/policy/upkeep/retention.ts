import type { Tree } from '../observedRoom.ts';
import type { RoomClass } from '../policySchema.ts';
import { blank, demand, type RoomFacts, type Upkeep } from '../upkeepRule.ts';
import { durationMs } from '../values.ts';
import { allowedServers } from './serverAcl.ts';

/**
 * Tells clients how long messages live. Wardroom deletes; a homeserver that purges by `m.room.retention` would take unacknowledged STAT messages and
 * held ones with it. Ours does not (its own retention is off). So the state is empty where a partner's server may be in the room, unless the class
 * publishes it there, too, and wherever a legal hold stands; and whoever sets it to blank a room is undone.
 */
export const retention: Upkeep = {
  name: 'retention',
  regulation: '45 CFR 164.312(c)(1), 164.316(b)(2)(i)',
  look: ({ room, roomClass, facts }) => {
    const wanted = published(roomClass, facts);
    const event = room.event('m.room.retention');
    if (blank(wanted) && (event === null || blank(event.content))) return [];
    return demand(room, 'm.room.retention', wanted, 'retention');
  },
};

function published({ retention: { publish, max_age: maxAge, min_age: minAge } }: RoomClass, facts: RoomFacts): Tree {
  const isOurs = allowedServers(facts).every((server) => server === facts.ownServer);
  if (maxAge === 'never' || facts.room.isHeld === true || !(publish || isOurs)) return {};
  const least = durationMs(minAge);
  return { max_lifetime: durationMs(maxAge), ...(least > 0 ? { min_lifetime: least } : {}) };
}
