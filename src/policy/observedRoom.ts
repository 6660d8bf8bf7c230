/** A room as it is: its current state as the homeserver tells it. Contents are anybody's: nothing here trusts their shape. */
import type { RoomId, UserId } from '../kernel/ids.ts';

export interface StateEvent {
  readonly type: string;
  readonly state_key: string;
  readonly sender: UserId;
  readonly content: unknown;
}

export interface ObservedRoom {
  readonly roomId: RoomId;
  /** All current state events. */
  readonly state: readonly StateEvent[];
  /** Aliases of our own directory that lead here; absent: nobody looked. */
  readonly aliases?: readonly string[] | undefined;
  /** Whether our public room directory shows it; absent: nobody looked. */
  readonly listed?: boolean | undefined;
}

export type Membership = 'join' | 'invite' | 'knock' | 'ban' | 'leave';

export interface Member {
  readonly membership: Membership;
  /** Who made it so: themselves, or somebody else. */
  readonly sender: UserId;
}

export type Tree = Readonly<Record<string, unknown>>;

/** A mapping, or an empty one. */
export const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};

export const own = (tree: Tree, key: string): unknown => (Object.hasOwn(tree, key) ? tree[key] : undefined);

const MEMBERSHIPS: readonly string[] = ['join', 'invite', 'knock', 'ban', 'leave'];

/** An observed room, ready to be asked. */
export class Room {
  readonly roomId: RoomId;
  readonly version: string;
  /** In room version 12 and later they have power without end (MSC4289). */
  readonly creators: ReadonlySet<UserId>;
  readonly members: ReadonlyMap<UserId, Member>;
  readonly aliases: readonly string[];
  readonly listed: boolean;
  readonly #state: ReadonlyMap<string, readonly StateEvent[]>;
  readonly #creator: UserId | null;

  constructor({ roomId, state, aliases, listed }: ObservedRoom) {
    this.roomId = roomId;
    const byType = new Map<string, StateEvent[]>();
    const members = new Map<UserId, Member>();
    for (const event of state) {
      const known = byType.get(event.type);
      if (known) known.push(event);
      else byType.set(event.type, [event]);
      if (event.type !== 'm.room.member') continue;
      const membership = own(treeOf(event.content), 'membership');
      if (typeof membership !== 'string' || !MEMBERSHIPS.includes(membership)) continue;
      members.set(event.state_key as UserId, { membership: membership as Membership, sender: event.sender });
    }
    this.#state = byType;
    this.members = members;
    this.aliases = aliases ?? [];
    this.listed = listed ?? false;
    const create = this.event('m.room.create');
    const content = treeOf(create?.content);
    const version = own(content, 'room_version');
    this.version = typeof version === 'string' ? version : '1';
    this.#creator = create?.sender ?? null;
    const additional = own(content, 'additional_creators');
    const creators = create ? [create.sender] : [];
    if (this.creatorsReign && Array.isArray(additional)) {
      creators.push(...additional.filter((user): user is UserId => typeof user === 'string'));
    }
    this.creators = new Set(creators);
  }

  /** Room version 12 or later. A version that is no number counts as such: then nobody is taken for weaker than they are. */
  get creatorsReign(): boolean {
    return !/^([1-9]|1[01])$/.test(this.version);
  }

  event(type: string, key = ''): StateEvent | null {
    return this.#state.get(type)?.find(({ state_key: stateKey }) => stateKey === key) ?? null;
  }

  /** All state events of a type. */
  eventsOf(type: string): readonly StateEvent[] {
    return this.#state.get(type) ?? [];
  }

  /** The content of a state event; null when there is none. */
  content(type: string, key = ''): Tree | null {
    const event = this.event(type, key);
    return event ? treeOf(event.content) : null;
  }

  /** Whose room it was when nothing was said about power: room version 11 and before. */
  get creator(): UserId | null {
    return this.#creator;
  }
}

/** Whether two JSON values are the same, whatever the order of their keys. Looks no deeper than `wanted`. */
export function sameJson(given: unknown, wanted: unknown): boolean {
  if (Object.is(given, wanted)) return true;
  if (typeof given !== 'object' || typeof wanted !== 'object' || given === null || wanted === null) return false;
  if (Array.isArray(given) !== Array.isArray(wanted)) return false;
  const keys = Object.keys(wanted);
  return (
    Object.keys(given).length === keys.length &&
    keys.every((key) => Object.hasOwn(given, key) && sameJson((given as Tree)[key], (wanted as Tree)[key]))
  );
}
