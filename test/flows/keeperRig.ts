/** Rooms at a homeserver in memory, which takes steps by the authorization rules or refuses them; and their keeping on a real PostgreSQL. */
import { accessesNow } from '../../src/flows/breakGlass/accessesNow.ts';
import type { KeptRoom, KeptSubject } from '../../src/flows/keptRoomsPort.ts';
import type { RoomKeeper, RoomStep } from '../../src/flows/roomKeeperPort.ts';
import type { Known } from '../../src/flows/rooms/keepRoom.ts';
import { newKept } from '../../src/flows/rooms/keptRooms.ts';
import { RoomKeeping } from '../../src/flows/rooms/roomKeeping.ts';
import { eventId, type RoomId, roomId, type UserId } from '../../src/kernel/ids.ts';
import { err, ok, type PortFailure } from '../../src/kernel/result.ts';
import type { Correction, Facts, NewRoom, ObservedRoom } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { Homeserver } from '../policy/homeserver.ts';
import { BOT, factsOf, NOW, OWN } from '../policy/support.ts';

/** Every room of a homeserver, and every request that was made of it. */
export class Rooms implements RoomKeeper {
  readonly rooms = new Map<RoomId, Homeserver>();
  readonly byKey = new Map<string, RoomId>();
  readonly requests: string[] = [];
  /** Rooms whose state changed without a transaction that said so. */
  readonly unsaid: RoomId[] = [];
  /** What the homeserver answers instead; null: it works. */
  failure: PortFailure | null = null;
  /** Called before each step; a throw is a death of the process. */
  beforeStep: (room: RoomId, step: RoomStep) => void = () => undefined;
  readonly users = new Set<string>();

  async observe(room: RoomId) {
    return this.#ask(`observe ${room}`, () => this.at(room).room());
  }

  async take(room: RoomId, step: RoomStep) {
    this.beforeStep(room, step);
    return this.#ask(`${step.kind} ${room}`, () => {
      this.at(room).take({ ...step, rule: '', regulation: '', fault: '' } as Correction);
    });
  }

  async ensure(key: string, kind: 'room' | 'space', recipe: NewRoom) {
    return this.#ask(`ensure ${key}`, () => {
      const known = this.byKey.get(key);
      if (known !== undefined) return known;
      const id = roomId(`!made-${this.byKey.size}`);
      this.add(id, recipe.version, kind === 'space' ? { type: 'm.space' } : {});
      for (const { type, stateKey, content } of recipe.state) this.at(id).put(type, content, stateKey);
      this.byKey.set(key, id);
      return id;
    });
  }

  async changedSince(since: string | null) {
    return this.#ask('changed', () => ({ next: 'x', rooms: since === null ? [] : this.unsaid.splice(0) }));
  }

  async enter(room: RoomId) {
    return this.#ask(`enter ${room}`, () => {
      this.at(room).put('m.room.member', { membership: 'join' }, BOT);
    });
  }

  async leave(room: RoomId) {
    return this.#ask(`leave ${room}`, () => undefined);
  }

  async exists(user: UserId) {
    return this.#ask(`exists ${user}`, () => this.users.has(user));
  }

  at(room: RoomId): Homeserver {
    const found = this.rooms.get(room);
    if (!found) throw new Error(`no room ${room}`);
    return found;
  }

  /** A room that the bot made and nothing was set in. */
  add(room: RoomId, version: string, create: Record<string, unknown> = {}): Homeserver {
    const event = (type: string, key: string, content: Record<string, unknown>) => ({
      type,
      state_key: key,
      sender: BOT,
      content,
    });
    const observed: ObservedRoom = {
      roomId: room,
      state: [
        event('m.room.create', '', { room_version: version, ...create }),
        event('m.room.member', BOT, { membership: 'join' }),
      ],
    };
    const made = new Homeserver(observed, BOT);
    this.rooms.set(room, made);
    return made;
  }

  async #ask<T>(what: string, work: () => T) {
    this.requests.push(what);
    if (this.failure !== null) return err(this.failure);
    await Promise.resolve();
    return ok(work());
  }
}

let places = 0;

/** A process that keeps rooms. Several on one store and one homeserver are one that died and those after it. */
export function keepingOf(
  store: PostgresStore,
  keeper: Rooms,
  world: { facts: Partial<Facts>; now: number; rosterOf?: Known['rosterOf'] },
) {
  const alarms: string[] = [];
  const failures: unknown[] = [];
  const kept: string[] = [];
  const keeping = new RoomKeeping({
    store,
    keeper,
    clock: { now: () => world.now },
    alarms: { raise: (code) => void alarms.push(code) },
    facts: async (read) => ({
      ...factsOf({ ...world.facts, now: world.now }),
      emergencies: await accessesNow(read, world.now),
    }),
    voicesOf: () => [],
    rosterOf: (room) => world.rosterOf?.(room) ?? null,
    onKept: async ({ roomId: room }) => void kept.push(String(room)),
    onFailure: (error) => void failures.push(error),
  });
  /** The homeserver says that somebody changed something. */
  const changed = (room: RoomId, sender: UserId, type: string, stateKey = '', membership?: string) =>
    keeping.stateChanged({
      room,
      event: eventId(`$${++places}`),
      sender,
      type,
      stateKey,
      ...(membership === undefined ? {} : { membership }),
      at: world.now,
      seq: places,
    });
  return { keeping, alarms, failures, kept, changed };
}

export const subject = (over: Partial<Extract<KeptSubject, { kind: 'room' }>> = {}): KeptSubject => ({
  kind: 'room',
  class: 'clinical',
  name: '4 West',
  roles: [],
  named: [],
  ...over,
});

/** A room that is on record, and not made yet. */
export async function record(store: PostgresStore, key: string, of: KeptSubject): Promise<KeptRoom> {
  const room = newKept(key, of, NOW);
  await store.change(async (tx) => {
    await tx.keptRooms.save(room);
    return { value: null, audit: [{ action: 'room.test', outcome: 'ok', actor: 'wardroom' }] };
  });
  return room;
}

export { OWN };
