import type { RoomId, UserId } from '../kernel/ids.ts';
import type { Step } from './correction.ts';
import { type Room, sameJson, type Tree } from './observedRoom.ts';
import type { RoomClass } from './policySchema.ts';
import type { Power } from './power.ts';
import type { Facts, RoomSubject } from './request.ts';

/** A space whose members hold a role. Our own server's, or one that a partner's Wardroom fills with its people. */
export interface RoleSpace {
  readonly role: string;
  /** Whose people are in it. */
  readonly server: string;
  readonly roomId: RoomId;
}

/** What Wardroom knows of a room that it keeps. */
export interface ManagedRoom extends RoomSubject {
  readonly name: string;
  /** What its members are told, where a message would wake them; nothing about a person. Absent: the room has no topic. */
  readonly topic?: string | undefined;
  /** Who is to be in it by name, if the policy lets them in. */
  readonly named: readonly UserId[];
  /** The voices that speak in it. The bot is in every room. */
  readonly voices: readonly UserId[];
  /** Who besides Wardroom invites and removes: a partner's Wardroom, in the space of its own people. */
  readonly keepers?: readonly UserId[];
  /** The room that has taken its place; null while it is in use. */
  readonly replacedBy: RoomId | null;
  /** A legal hold may cover something in it. */
  readonly isHeld?: boolean;
}

export interface RoomFacts extends Facts {
  readonly room: ManagedRoom;
  readonly roleSpaces: readonly RoleSpace[];
}

export interface Sight {
  readonly room: Room;
  readonly power: Power;
  readonly roomClass: RoomClass;
  readonly facts: RoomFacts;
}

/** A step and the code of the fault it is against. */
export type Found = Step & { readonly fault: string };

/** Keeps one part of a room. Rules know nothing of each other; the order they look in never matters. */
export interface Upkeep {
  readonly name: string;
  readonly regulation: string;
  readonly look: (sight: Sight) => readonly Found[];
}

/** Whether a state event says exactly this, and the step that makes it so. */
export function demand(room: Room, type: string, content: Tree, fault: string): readonly Found[] {
  return sameJson(room.event(type)?.content, content)
    ? []
    : [{ kind: 'set-state', fault, type, stateKey: '', content }];
}

/** What was cleared is empty: a state event cannot be taken away. */
export const blank = (content: unknown): boolean => sameJson(content, {});

/** Steps that empty every state event of these types. */
export function clear(room: Room, types: readonly string[], fault: string): readonly Found[] {
  return types.flatMap((type) =>
    room
      .eventsOf(type)
      .filter(({ content }) => !blank(content))
      .map(({ state_key: stateKey }): Found => ({ kind: 'set-state', fault, type, stateKey, content: {} })),
  );
}

export const cannot = (fault: string, why: string, what: string, user?: UserId): Found => ({
  kind: 'cannot-correct',
  fault,
  why,
  what,
  ...(user === undefined ? {} : { user }),
});
