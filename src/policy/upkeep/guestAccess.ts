import { demand, type Upkeep } from '../upkeepRule.ts';

/** Everybody has a name of their own. */
export const guestAccess: Upkeep = {
  name: 'guest-access',
  regulation: '45 CFR 164.312(a)(2)(i)',
  look: ({ room, roomClass }) =>
    demand(room, 'm.room.guest_access', { guest_access: roomClass.guests ? 'can_join' : 'forbidden' }, 'guest-access'),
};
