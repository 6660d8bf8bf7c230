/** Who can do what in a room by its power levels (Matrix specification, "m.room.power_levels"; room version 12: MSC4289). */
import type { UserId } from '../kernel/ids.ts';
import { own, type Room, type Tree, treeOf } from './observedRoom.ts';

/** What each level is where it is not said. */
const DEFAULTS = { ban: 50, kick: 50, redact: 50, invite: 0, state_default: 50, events_default: 0, users_default: 0 };
export type LevelName = keyof typeof DEFAULTS;
export const LEVEL_NAMES = Object.keys(DEFAULTS) as readonly LevelName[];

/** Levels are whole numbers; until room version 9 texts that are one were taken, too. Null for anything else. */
export function levelOf(value: unknown, version: string): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  if (typeof value === 'string' && /^[1-9]$/.test(version) && /^\s*[+-]?\d{1,15}\s*$/.test(value)) return Number(value);
  return null;
}

export class Power {
  readonly #room: Room;
  readonly #content: Tree | null;

  /** By what the room says; or as it will be once it says `content`. */
  constructor(room: Room, content: Tree | null = room.content('m.room.power_levels')) {
    this.#room = room;
    this.#content = content;
  }

  /** Infinity for creators of room version 12 and later. */
  of(user: UserId): number {
    if (this.#room.creatorsReign && this.#room.creators.has(user)) return Number.POSITIVE_INFINITY;
    if (this.#content === null) return user === this.#room.creator ? 100 : 0;
    const named = levelOf(own(treeOf(own(this.#content, 'users')), user), this.#room.version);
    return named ?? this.level('users_default');
  }

  level(name: LevelName): number {
    // Before anything was said about power, whoever is in a room may set its state.
    if (this.#content === null) return name === 'state_default' ? 0 : DEFAULTS[name];
    return levelOf(own(this.#content, name), this.#room.version) ?? DEFAULTS[name];
  }

  /** What it takes to set a state event of this type. */
  toSet(type: string): number {
    const named = levelOf(own(treeOf(own(this.#content ?? {}, 'events')), type), this.#room.version);
    return named ?? this.level('state_default');
  }
}
