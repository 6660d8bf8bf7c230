/**
 * What a homeserver makes of a step: takes it, or refuses it by the authorization rules (Matrix specification, room versions 11 and 12). Written
 * apart from the code under test, from the specification.
 */
import { type RoomId, roomId, type UserId, userId } from '../../src/kernel/ids.ts';
import type { Correction } from '../../src/policy/correction.ts';
import type { ObservedRoom, StateEvent } from '../../src/policy/observedRoom.ts';

type Content = Record<string, unknown>;

export class Homeserver {
  readonly roomId: RoomId;
  readonly bot: UserId;
  readonly state: Map<string, StateEvent>;
  aliases: readonly string[];
  listed: boolean;
  rotated = 0;
  followed: RoomId | null = null;

  constructor(room: ObservedRoom, bot: UserId) {
    this.roomId = room.roomId;
    this.bot = bot;
    this.state = new Map(room.state.map((event) => [this.#key(event.type, event.state_key), event]));
    this.aliases = room.aliases ?? [];
    this.listed = room.listed ?? false;
  }

  room(): ObservedRoom {
    return { roomId: this.roomId, state: [...this.state.values()], aliases: this.aliases, listed: this.listed };
  }

  content(type: string, key = ''): Content | null {
    const event = this.state.get(this.#key(type, key));
    const content = event?.content;
    return event ? (typeof content === 'object' && content !== null ? (content as Content) : {}) : null;
  }

  membership(user: string): unknown {
    return this.content('m.room.member', user)?.membership;
  }

  /** Takes a step, or throws what the homeserver would answer. */
  take(step: Correction): void {
    switch (step.kind) {
      case 'set-state':
        this.#mayAct(this.#toSet(step.type), `set ${step.type}`);
        if (step.stateKey.startsWith('@') && step.stateKey !== this.bot) throw new Error('state of somebody else');
        if (step.type === 'm.room.power_levels') this.#mayChangePower(step.content as Content);
        this.#set(step.type, step.stateKey, step.content);
        return;
      case 'kick':
        this.#mayAct(this.#level('kick', 50), 'kick');
        if (this.power(step.user) >= this.power(this.bot)) throw new Error(`cannot kick ${step.user}`);
        this.#set('m.room.member', step.user, { membership: 'leave' });
        return;
      case 'unban':
        this.#mayAct(Math.max(this.#level('ban', 50), this.#level('kick', 50)), 'unban');
        if (this.power(step.user) >= this.power(this.bot)) throw new Error(`cannot unban ${step.user}`);
        this.#set('m.room.member', step.user, { membership: 'leave' });
        return;
      case 'join':
      case 'invite':
        this.#mayAct(this.#level('invite', 0), step.kind);
        if (this.membership(step.user) === 'ban') throw new Error(`${step.user} is banned`);
        this.#set('m.room.member', step.user, { membership: step.kind });
        return;
      case 'delete-alias':
        this.aliases = this.aliases.filter((alias) => alias !== step.alias);
        return;
      case 'unlist':
        this.listed = false;
        return;
      case 'rotate-sessions':
        this.rotated += 1;
        return;
      case 'follow-upgrade':
        this.followed = step.replacement;
        return;
      case 'cannot-correct':
        return;
    }
  }

  /** Somebody, the homeserver's administrators included, made it so. */
  put(type: string, content: unknown, key = '', sender: string = this.bot): void {
    this.state.set(this.#key(type, key), { type, state_key: key, sender: userId(sender), content });
  }

  power(user: string): number {
    if (this.#creatorsReign() && this.#creators().includes(user)) return Number.POSITIVE_INFINITY;
    const levels = this.content('m.room.power_levels');
    if (levels === null) return this.#creators().includes(user) ? 100 : 0;
    return whole((levels.users as Content | undefined)?.[user]) ?? this.#level('users_default', 0);
  }

  #creatorsReign(): boolean {
    return this.content('m.room.create')?.room_version === '12';
  }

  #creators(): readonly string[] {
    const create = this.state.get(this.#key('m.room.create', ''));
    const additional = (create?.content as Content | undefined)?.additional_creators;
    return [...(create ? [create.sender] : []), ...(Array.isArray(additional) ? (additional as string[]) : [])];
  }

  #level(name: string, otherwise: number): number {
    const levels = this.content('m.room.power_levels');
    if (levels === null && name === 'state_default') return 0;
    return whole(levels?.[name]) ?? otherwise;
  }

  #toSet(type: string): number {
    const events = this.content('m.room.power_levels')?.events as Content | undefined;
    const named =
      typeof events === 'object' && events !== null && Object.hasOwn(events, type) ? events[type] : undefined;
    return whole(named) ?? this.#level('state_default', 50);
  }

  #mayAct(needed: number, what: string): void {
    if (this.membership(this.bot) !== 'join') throw new Error('the bot is not in the room');
    if (this.power(this.bot) < needed) throw new Error(`too little power to ${what}`);
  }

  /** "9. If type is m.room.power_levels" of the specification. */
  #mayChangePower(next: Content): void {
    const mine = this.power(this.bot);
    const before = this.content('m.room.power_levels') ?? {};
    const groups = ['users', 'events', 'notifications'];
    for (const key of ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']) {
      if (next[key] !== undefined && whole(next[key]) === null) throw new Error(`${key} is no integer`);
      this.#mayAlter(before[key], next[key], mine, false, key);
    }
    for (const group of groups) {
      const old = (typeof before[group] === 'object' && before[group] !== null ? before[group] : {}) as Content;
      const fresh = (next[group] ?? {}) as Content;
      for (const value of Object.values(fresh)) if (whole(value) === null) throw new Error(`${group}: no integer`);
      for (const name of new Set([...Object.keys(old), ...Object.keys(fresh)])) {
        this.#mayAlter(old[name], fresh[name], mine, group === 'users' && name !== this.bot, `${group}.${name}`);
      }
    }
    if (this.#creatorsReign() && this.#creators().some((user) => Object.hasOwn((next.users ?? {}) as Content, user))) {
      throw new Error('a creator is listed');
    }
  }

  #mayAlter(old: unknown, fresh: unknown, mine: number, strictly: boolean, what: string): void {
    const before = whole(old);
    const after = whole(fresh);
    if (before === after) return;
    if (before !== null && (strictly ? before >= mine : before > mine)) throw new Error(`${what} is above us`);
    if (after !== null && after > mine) throw new Error(`${what} would be above us`);
  }

  #set(type: string, key: string, content: unknown): void {
    this.state.set(this.#key(type, key), { type, state_key: key, sender: this.bot, content });
  }

  #key(type: string, key: string): string {
    return `${type}\0${key}`;
  }
}

/** Values that are no integers cannot be there in these versions; where a test puts them, they count as not said. */
const whole = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : null;

export const state = (
  type: string,
  content: unknown,
  key = '',
  sender: string = '@wardroom:marlow.example',
): StateEvent => ({
  type,
  state_key: key,
  sender: userId(sender),
  content,
});

export const aRoomId = roomId('!room');
