import { setTimeout as pause } from 'node:timers/promises';
import type { Encrypted } from '../../flows/ports.ts';
import {
  type DeviceId,
  deviceId,
  type MasterKey,
  masterKey,
  type RoomId,
  roomId,
  type UserId,
  userId,
} from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import { err, type PortFailure, type Result } from '../../kernel/result.ts';
import { DeviceUnusable } from './courier.ts';
import { EngineDied } from './engine.ts';
import { type Running, superviseEngine } from './engineSupervisor.ts';
import { SyncBell } from './syncBell.ts';
import type { Decrypted, DecryptFailure, VoiceCrypto, VoiceCryptoOptions } from './types.ts';

/** The encryption of one voice. Nothing happens before `start`. */
export const createVoiceCrypto = (options: VoiceCryptoOptions): VoiceCrypto => new SupervisedVoice(options);

type KeysListener = Parameters<VoiceCrypto['onRoomKeys']>[0];
type DevicesListener = Parameters<VoiceCrypto['onDevicesChanged']>[0];

/** How old what is known of other people's devices may be when something is encrypted for them. */
const freshMs = 250;
/** With a homeserver that does not answer in this time, what is known has to do. */
const freshenWithinMs = 1_000;
/** How long a call waits for an engine that is being restarted. */
const patienceMs = 20_000;

const notRunning = err<PortFailure>({ kind: 'retry', code: 'crypto-not-ready' });

class SupervisedVoice implements VoiceCrypto {
  readonly user: UserId;
  readonly #options: VoiceCryptoOptions;
  readonly #keysListeners = new Set<KeysListener>();
  readonly #devicesListeners = new Set<DevicesListener>();
  #stopping = new AbortController();
  #supervision: Promise<void> | null = null;
  #started = Promise.withResolvers<void>();
  readonly #bell = new SyncBell();
  /** For those who wait for the look that is under way or next. */
  #synced: PromiseWithResolvers<void> | null = null;
  #state: 'stopped' | 'starting' | 'ready' | 'failed' = 'stopped';
  #running: Running | null = null;
  /** Calls that wait for an engine that is being restarted; null when none is. */
  #restart: PromiseWithResolvers<Running | null> | null = null;
  #calls = new Set<Promise<unknown>>();
  #lastSync: number | null = null;
  #device: DeviceId | null = null;

  constructor(options: VoiceCryptoOptions) {
    this.user = options.user;
    this.#options = options;
  }

  get deviceId(): DeviceId | null {
    return this.#device;
  }

  start(): Promise<void> {
    if (this.#supervision !== null) return this.#started.promise;
    this.#state = 'starting';
    this.#stopping = new AbortController();
    this.#started = Promise.withResolvers();
    this.#started.promise.catch(() => undefined);
    this.#supervision = superviseEngine(
      this.#options,
      {
        running: (now, soon) => this.#setRunning(now, soon),
        synced: () => {
          this.#lastSync = performance.now();
          this.#synced?.resolve();
          this.#synced = null;
        },
        roomKeys: (keys) => this.#tellKeys(keys),
        devices: (users) => this.#tellDevices(users),
        bell: this.#bell,
      },
      this.#stopping.signal,
    ).then(
      () => {
        this.#state = 'stopped';
        this.#started.reject(new Error('voice stopped'));
      },
      () => {
        this.#state = 'failed';
        this.#options.onCode('crypto.passphrase_wrong');
        this.#started.reject(new Error('crypto passphrase does not fit the store'));
      },
    );
    return this.#started.promise;
  }

  async stop(): Promise<void> {
    // Calls that run are finished; those that wait for an engine are not kept waiting.
    this.#restart?.resolve(null);
    this.#restart = null;
    await Promise.allSettled([...this.#calls]);
    this.#stopping.abort();
    await this.#supervision;
    this.#supervision = null;
    if (this.#state !== 'failed') this.#state = 'stopped';
  }

  state(): 'stopped' | 'starting' | 'ready' | 'failed' {
    return this.#state;
  }

  encrypt(
    room: RoomId,
    members: readonly UserId[],
    type: string,
    content: Phi<Record<string, unknown>>,
  ): Promise<Result<Encrypted, PortFailure>> {
    return this.#withEngine(
      async ({ encryptor }) => {
        await this.#freshen();
        return encryptor.encrypt(room, members, type, content);
      },
      () => notRunning,
    );
  }

  decrypt(room: RoomId, event: object): Promise<Result<Decrypted, DecryptFailure>> {
    return this.#withEngine(
      ({ decryptor }) => decryptor.decrypt(room, event),
      () => err<DecryptFailure>('unavailable'),
    );
  }

  forgetSessions(room: RoomId, sessionIds: readonly string[]): Promise<number> {
    return this.#withEngine(
      ({ engine, encryptor }) => {
        const current = encryptor.currentSession(room);
        return engine.call('forgetSessions', { room, sessionIds: sessionIds.filter((id) => id !== current) });
      },
      () => {
        throw new Error('crypto-not-ready');
      },
    );
  }

  usableDevices(users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly DeviceId[]>> {
    return this.#withEngine(
      async (running) => {
        await this.#askAbout(running, users);
        const { engine } = running;
        const all = this.#options.settings.devices === 'all';
        const devices = await engine.call('devices', users);
        return new Map(
          devices.map(([user, list]) => [
            userId(user),
            list.filter(({ crossSigned }) => all || crossSigned).map(({ id }) => deviceId(id)),
          ]),
        );
      },
      () => new Map(),
    );
  }

  identities(users: readonly UserId[]): Promise<ReadonlyMap<UserId, MasterKey>> {
    return this.#withEngine(
      async (running) => {
        await this.#askAbout(running, users);
        const known = await running.engine.call('identities', users);
        return new Map(known.flatMap(([user, key]) => (key === null ? [] : [[userId(user), masterKey(key)] as const])));
      },
      () => new Map(),
    );
  }

  membersJoined(room: RoomId, users: readonly UserId[]): void {
    // Without an engine nothing is missed: each asks for all devices when it starts.
    this.#running?.encryptor.membersJoined(room, users);
  }

  membersLeft(room: RoomId): void {
    this.#running?.encryptor.membersLeft(room);
  }

  devicesDeleted(users: readonly UserId[]): void {
    this.#running?.encryptor.devicesDeleted(users);
  }

  onRoomKeys(listener: KeysListener): () => void {
    this.#keysListeners.add(listener);
    return () => this.#keysListeners.delete(listener);
  }

  onDevicesChanged(listener: DevicesListener): () => void {
    this.#devicesListeners.add(listener);
    return () => this.#devicesListeners.delete(listener);
  }

  syncLag(): number | null {
    return this.#lastSync === null ? null : performance.now() - this.#lastSync;
  }

  lookNow(): void {
    this.#bell.ring();
  }

  /** Brings what is known of these users' devices and identities up to date, as far as the homeserver answers. */
  async #askAbout({ engine, courier }: Running, users: readonly UserId[]): Promise<void> {
    await this.#freshen();
    await engine.call('trackUsers', users);
    // Without an answer, what is known already is the best there is.
    await courier.drain().catch((error: unknown) => {
      if (error instanceof EngineDied) throw error;
    });
  }

  /** A phone that logged in a moment ago must not miss the page: what is known of devices is never much older than `freshMs`. */
  async #freshen(): Promise<void> {
    if (this.#lastSync !== null && performance.now() - this.#lastSync < freshMs) return;
    const patience = new AbortController();
    await Promise.race([
      this.#nextLook(),
      pause(freshenWithinMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  }

  /** The look that is under way, or the next, which begins at once. */
  #nextLook(): Promise<void> {
    this.#synced ??= Promise.withResolvers<void>();
    this.#bell.ring();
    return this.#synced.promise;
  }

  async lookForTest(): Promise<void> {
    await this.#nextLook();
    await this.#nextLook();
  }

  async panicForTest(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    await running.engine.call('panic').catch(() => undefined);
    await running.engine.died;
  }

  /** Runs `work` with the engine; once more with the next one if the engine died under it. */
  #withEngine<T>(work: (running: Running) => Promise<T>, without: () => T): Promise<T> {
    const call = this.#attempt(work, without);
    this.#calls.add(call);
    void call.catch(() => undefined).finally(() => this.#calls.delete(call));
    return call;
  }

  async #attempt<T>(work: (running: Running) => Promise<T>, without: () => T): Promise<T> {
    let last: Running | null = null;
    for (let attempt = 0; attempt < 2; attempt++) {
      const running = await this.#engineAfter(last);
      if (running === null) return without();
      try {
        return await work(running);
      } catch (error) {
        if (error instanceof DeviceUnusable) await running.engine.terminate();
        else if (!(error instanceof EngineDied)) throw error;
        last = running;
      }
    }
    return without();
  }

  /** The running engine if it is another than `last`, or the one that is being started. */
  async #engineAfter(last: Running | null): Promise<Running | null> {
    if (last !== null) await last.engine.died;
    if (this.#running !== null && this.#running !== last) return this.#running;
    if (this.#running === null && this.#restart === null) return null;
    this.#restart ??= Promise.withResolvers();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), patienceMs).unref();
    });
    try {
      return await Promise.race([this.#restart.promise, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  #setRunning(now: Running | null, soon: boolean): void {
    if (now !== null) {
      this.#running = now;
      this.#device = now.device;
      this.#restart?.resolve(now);
      this.#restart = null;
      if (this.#state === 'starting' && this.#lastSync !== null) this.#options.onCode('crypto.engine_restarted');
      this.#state = 'ready';
      this.#started.resolve();
      return;
    }
    this.#running = null;
    if (soon) {
      this.#restart ??= Promise.withResolvers();
    } else {
      this.#restart?.resolve(null);
      this.#restart = null;
    }
    if (this.#state === 'ready') this.#state = 'starting';
  }

  #tellKeys(keys: readonly { readonly room: string; readonly sessionId: string }[]): void {
    const known = keys.map(({ room, sessionId }) => ({ room: roomId(room), sessionId }));
    for (const listener of this.#keysListeners) listener(known);
  }

  #tellDevices(users: readonly string[]): void {
    this.#running?.encryptor.devicesChanged(users);
    const known = users.map(userId);
    for (const listener of this.#devicesListeners) listener(known);
  }
}
