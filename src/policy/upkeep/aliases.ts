import { clear, type Found, type Upkeep } from '../upkeepRule.ts';

/** Nobody finds the room by a name: no aliases, and not in the public directory. */
export const aliases: Upkeep = {
  name: 'aliases',
  regulation: '45 CFR 164.502(b), 164.312(a)(1)',
  look: ({ room }) => [
    ...clear(room, ['m.room.canonical_alias', 'm.room.aliases'], 'alias'),
    ...room.aliases.map((alias): Found => ({ kind: 'delete-alias', fault: 'alias', alias })),
    ...(room.listed ? [{ kind: 'unlist', fault: 'listed' } as const] : []),
  ],
};
