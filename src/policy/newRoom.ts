import { roomId, type UserId } from '../kernel/ids.ts';
import { neverFederated } from './builtIn.ts';
import type { Correction } from './correction.ts';
import type { ObservedRoom, StateEvent, Tree } from './observedRoom.ts';
import { plan } from './plan.ts';
import type { RoomClass } from './policySchema.ts';
import { classOf } from './subjects.ts';
import type { RoomFacts } from './upkeepRule.ts';

/** What a room of a class is made with, so that there is nothing to correct once it is there. */
export interface NewRoom {
  readonly version: '11' | '12';
  /** `m.federate`, which can never be changed: false where the class never may. */
  readonly federate: boolean;
  readonly state: readonly { readonly type: string; readonly stateKey: string; readonly content: Tree }[];
}

/** Null when there is no such class. The bot makes the room, alone: in version 12 whoever makes it has power for ever. */
export function newRoom(facts: RoomFacts): NewRoom | null {
  const roomClass = classOf(facts.room.class, facts);
  if (!roomClass) return null;
  const version = roomClass.room_version === 11 ? '11' : '12';
  const federate = !neverFederated.includes(facts.room.class);
  return { version, federate, state: stateOf(version, facts.bot, (empty) => plan(empty, facts)) };
}

/** The state that a plan sets in a room that holds nothing but the bot that made it. */
export function stateOf(
  version: NewRoom['version'],
  bot: UserId,
  planOf: (empty: ObservedRoom) => readonly Correction[],
): NewRoom['state'] {
  const event = (type: string, key: string, content: Tree): StateEvent => ({
    type,
    state_key: key,
    sender: bot,
    content,
  });
  const empty = {
    roomId: roomId('!new'),
    state: [
      event('m.room.create', '', { room_version: version }),
      event('m.room.member', bot, { membership: 'join' }),
      event('m.room.power_levels', '', version === '11' ? { users: { [bot]: 100 } } : {}),
    ],
  };
  return planOf(empty).flatMap((step) =>
    step.kind === 'set-state' ? [{ type: step.type, stateKey: step.stateKey, content: step.content }] : [],
  );
}

/**
 * What a room is called: what it was created as, or, where names are opaque, the title of its class and Wardroom's own reference.
 * `name` is allowed (`decide`, kind create-room).
 */
export const roomNameOf = (roomClass: RoomClass, name: string, reference: string): string =>
  roomClass.naming === 'opaque' ? `${roomClass.title} ${reference}` : name;
