import { demand, type Upkeep } from '../upkeepRule.ts';

/** New members read no more of the past than the class allows. */
export const historyVisibility: Upkeep = {
  name: 'history-visibility',
  regulation: '45 CFR 164.502(b), 164.514(d)',
  look: ({ room, roomClass }) =>
    demand(
      room,
      'm.room.history_visibility',
      { history_visibility: roomClass.history_visibility },
      'history-visibility',
    ),
};
