import type { Encrypted } from '../../flows/ports.ts';
import type { DeviceId, RoomId, UserId } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../../kernel/result.ts';
import { type Courier, DeviceUnusable } from './courier.ts';
import { type Engine, EngineDied, EngineFailed } from './engine.ts';
import { addReaders, type Readers, readersOf, readersRecord } from './readers.ts';
import type { CryptoSettings } from './types.ts';

/** What is known of a room's outbound session. */
interface Room {
  /** Work in this room, one after the other. */
  turn: Promise<unknown>;
  members: ReadonlySet<UserId>;
  /** Somebody or some device may lack the key: claim and share before the next message. */
  dirty: boolean;
  /** The session must not be used again. So it begins: nobody knows who has the key of a session from before the start. */
  replace: boolean;
  sessionId: string | null;
  readers: Readers;
  messages: number;
  /** Monotonic milliseconds. */
  since: number;
  /** When to try again to reach devices that could not be given the key; null when all have it. */
  tryAgainAt: number | null;
  /** The latest look for such devices. */
  looking: Promise<void> | null;
}

/** A usable device without the key (no one-time key left, server unreachable) is tried again after this long. */
const tryAgainMs = 30_000;

const retry = (code: string): Result<never, PortFailure> => err({ kind: 'retry', code });

/**
 * Encrypts in rooms with one engine. Claims and shares cost time for each member, so they happen only when a room is dirty
 * (matrix.md 3.2). A session is replaced before the engine would find it expired, which would make it panic (matrix.md 3.1).
 */
export class RoomEncryptor {
  readonly #engine: Engine;
  readonly #courier: Courier;
  readonly #self: { readonly user: UserId; readonly device: DeviceId };
  readonly #settings: CryptoSettings;
  readonly #rooms = new Map<RoomId, Room>();
  #claiming: Promise<unknown> = Promise.resolve();
  /** Done when the engine knows of everybody whose devices are to be asked for again. */
  #marking: Promise<unknown> = Promise.resolve();

  constructor(
    engine: Engine,
    courier: Courier,
    self: { readonly user: UserId; readonly device: DeviceId },
    settings: CryptoSettings,
  ) {
    this.#engine = engine;
    this.#courier = courier;
    this.#self = self;
    this.#settings = settings;
  }

  /** Rejects with EngineDied or DeviceUnusable; all other failures are results. */
  encrypt(
    roomId: RoomId,
    members: readonly UserId[],
    type: string,
    content: Phi<Record<string, unknown>>,
  ): Promise<Result<Encrypted, PortFailure>> {
    const room = this.#room(roomId);
    const result = room.turn.then(() => this.#encrypt(roomId, room, members, type, content));
    room.turn = result.catch(() => undefined);
    return result;
  }

  /** These users' devices changed, or may have: who shares a room with them asks and shares again before the next message. */
  devicesChanged(users: readonly string[]): void {
    for (const room of this.#rooms.values()) {
      if (users.some((user) => room.members.has(user as UserId))) room.dirty = true;
    }
  }

  /** Their devices are asked for again, before the next message of any room they are in (matrix.md 4.3). */
  membersJoined(roomId: RoomId, users: readonly UserId[]): void {
    const room = this.#rooms.get(roomId);
    if (room) room.dirty = true;
    this.devicesChanged(users);
    this.#askAgain(users);
  }

  membersLeft(roomId: RoomId): void {
    const room = this.#rooms.get(roomId);
    if (room) room.replace = true;
  }

  /** With which the next message may be encrypted; null: none yet. */
  currentSession(roomId: RoomId): string | null {
    return this.#rooms.get(roomId)?.sessionId ?? null;
  }

  /** Wherever one of them may have a session's key it is not used again, and the next is not shared by what is known now. */
  devicesDeleted(users: readonly UserId[]): void {
    for (const room of this.#rooms.values()) if (users.some((user) => room.members.has(user))) room.replace = true;
    this.#askAgain(users);
  }

  #askAgain(users: readonly UserId[]): void {
    const marked = this.#engine.call('devicesChanged', users).catch(() => undefined);
    this.#marking = Promise.all([this.#marking, marked]);
    // Also when no message is due: others may ask who could be reached.
    void marked.then(() => this.#courier.drain()).catch(() => undefined);
  }

  #room(roomId: RoomId): Room {
    let room = this.#rooms.get(roomId);
    if (room === undefined) {
      room = {
        turn: Promise.resolve(),
        members: new Set(),
        dirty: true,
        replace: true,
        sessionId: null,
        readers: new Map(),
        messages: 0,
        since: 0,
        tryAgainAt: null,
        looking: null,
      };
      this.#rooms.set(roomId, room);
    }
    return room;
  }

  async #encrypt(
    roomId: RoomId,
    room: Room,
    memberList: readonly UserId[],
    type: string,
    content: Phi<Record<string, unknown>>,
  ): Promise<Result<Encrypted, PortFailure>> {
    this.#compare(room, new Set(memberList));
    let shared: Readers = new Map();
    if (room.dirty || room.replace) {
      const result = await this.#share(roomId, room);
      if (!result.ok) return result;
      shared = result.value;
    }
    let text: string;
    try {
      text = await this.#engine.call('encrypt', { room: roomId, type, content: JSON.stringify(content.reveal()) });
    } catch (error) {
      room.replace = true;
      if (error instanceof EngineDied) throw error;
      return retry('crypto-encrypt-failed');
    }
    const encrypted = JSON.parse(text) as Record<string, unknown>;
    const sessionId = String(encrypted.session_id);
    if (sessionId !== room.sessionId) {
      room.sessionId = sessionId;
      room.readers = new Map([[this.#self.user, new Set([this.#self.device])]]);
      room.messages = 0;
      room.since = performance.now();
    }
    addReaders(room.readers, shared);
    room.messages += 1;
    return ok({ content: encrypted, sessionId, readers: readersRecord(room.readers) });
  }

  /** Marks the room by what changed since its last message. */
  #compare(room: Room, members: ReadonlySet<UserId>): void {
    if ([...room.members].some((user) => !members.has(user))) room.replace = true;
    if ([...members].some((user) => !room.members.has(user))) room.dirty = true;
    room.members = members;
    const { rotationMessages, rotationMs } = this.#settings;
    const age = performance.now() - room.since;
    const early = Math.min(60_000, rotationMs / 10);
    if (room.messages >= rotationMessages || age >= rotationMs - early) room.replace = true;
    if (room.tryAgainAt !== null && performance.now() >= room.tryAgainAt) room.dirty = true;
  }

  /** Gives the room's key to every device that should have it. Returns who got it now. */
  async #share(roomId: RoomId, room: Room): Promise<Result<Readers, PortFailure>> {
    const members = [...room.members];
    const replace = room.replace;
    // Cleared first: what changes while this runs marks the room again.
    room.dirty = false;
    room.replace = false;
    let step = 'crypto-devices-unknown';
    try {
      if (replace) await this.#engine.call('invalidate', roomId);
      await this.#marking;
      await this.#engine.call('trackUsers', members);
      await this.#courier.drain();
      step = 'crypto-claim-failed';
      await this.#claim(members);
      step = 'crypto-share-failed';
      const shared = await this.#sendKeys(roomId, members);
      this.#noteUnreached(room, members, shared, replace ? new Map() : new Map(room.readers));
      return ok(shared);
    } catch (error) {
      // Who got which key is not known any more: start over with a new session.
      room.replace = true;
      if (error instanceof EngineDied || error instanceof DeviceUnusable) throw error;
      if (error instanceof EngineFailed && (await this.#engine.call('ownIdentity')) !== 'signs-us') {
        // The engine shares nothing while our identity is not ours; the next start gives it back.
        await this.#engine.terminate();
        throw new EngineDied();
      }
      return retry(step);
    }
  }

  /** Olm sessions with devices that there are none with yet; one claim at a time, so that none is made twice. */
  #claim(members: readonly UserId[]): Promise<void> {
    const claim = this.#claiming.then(async () => {
      const request = await this.#engine.call('missingSessions', members);
      if (request !== null) await this.#courier.send(request);
    });
    this.#claiming = claim.catch(() => undefined);
    return claim;
  }

  async #sendKeys(roomId: RoomId, members: readonly UserId[]): Promise<Readers> {
    const requests = await this.#engine.call('shareRoomKey', {
      room: roomId,
      users: members,
      rotation: {
        devices: this.#settings.devices,
        messages: this.#settings.rotationMessages,
        ms: this.#settings.rotationMs,
      },
    });
    const { epoch } = this.#engine;
    const shared: Readers = new Map();
    for (const request of requests) {
      await this.#courier.send(request, epoch);
      addReaders(shared, readersOf(request));
    }
    return shared;
  }

  /** Says when to try again, if there are devices without the key. The message that waits is not kept waiting for it. */
  #noteUnreached(room: Room, members: readonly UserId[], shared: Readers, had: Readers): void {
    room.tryAgainAt = null;
    const looking = this.#engine.call('devices', members).then((devices) => {
      if (room.looking !== looking) return;
      const unreached = devices.some(([user, list]) =>
        list.some(
          ({ id, crossSigned }) =>
            (crossSigned || this.#settings.devices === 'all') &&
            !(user === this.#self.user && id === this.#self.device) &&
            !shared.get(user)?.has(id) &&
            !had.get(user)?.has(id),
        ),
      );
      if (unreached) room.tryAgainAt = performance.now() + tryAgainMs;
    });
    room.looking = looking;
    // Without an engine there is no next message of it either.
    looking.catch(() => undefined);
  }
}
