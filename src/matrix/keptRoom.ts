import type { NewRoom } from '../policy/index.ts';
import { markerType, type RoomPurpose } from './roomRecipe.ts';

/**
 * The body of `createRoom` for a room that is kept: there is nothing to correct once it is there. Power is given as state, not as an override,
 * which a homeserver would lay over its own defaults. The marker comes last, so that a room that has it has all the rest.
 */
export const keptRoomBody = (
  purpose: RoomPurpose,
  kind: 'room' | 'space',
  recipe: NewRoom,
): Record<string, unknown> => ({
  room_version: recipe.version,
  visibility: 'private',
  preset: 'private_chat',
  creation_content: {
    ...(recipe.federate ? {} : { 'm.federate': false }),
    ...(kind === 'space' ? { type: 'm.space' } : {}),
  },
  initial_state: [
    ...recipe.state.map(({ type, stateKey, content }) => ({ type, state_key: stateKey, content })),
    { type: markerType, state_key: '', content: { ...purpose } },
  ],
});
