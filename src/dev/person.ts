import {
  ClientEvent,
  type EventType,
  Filter,
  type MatrixClient,
  type MatrixError,
  type MatrixEvent,
  MatrixEventEvent,
  Method,
  RoomEvent,
  SyncState,
} from 'matrix-js-sdk';
import type { RoomMessageEventContent } from 'matrix-js-sdk/lib/@types/events.js';
import { decodeRecoveryKey, OnlySignedDevicesIsolationMode } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { type Account, logIn, request } from './admin.ts';
import { cryptoClient } from './matrixClient.ts';
import { EventLog, type SeenEvent, type WaitOptions } from './seenEvents.ts';
import { pollUntil } from './wait.ts';

export interface PersonOptions {
  readonly url: string;
  readonly userId: string;
  readonly password: string;
  /** Opens the secret storage; with it the new device is cross-signed, without it (or with `verify: false`) it is not. */
  readonly recoveryKey?: string | null;
  readonly verify?: boolean;
  readonly deviceName?: string;
  /** Talk only to, and read only from, cross-signed devices (MSC4153). */
  readonly onlySignedDevices?: boolean;
  /**
   * As phones do it (Matrix specification, "Lazy-loading room members"): only whom messages need. Without it a homeserver may show a room that was
   * joined at another one 30 s late, until it has all of its members.
   */
  readonly lazyMembers?: boolean;
}

/** How a message hangs on others. */
export interface SayOptions {
  /** Root of the thread it belongs to. */
  readonly thread?: string;
  /** Event it is a rich reply to; in a thread: within the thread. */
  readonly replyTo?: string;
  /** Anything else of the content. */
  readonly content?: Readonly<Record<string, unknown>>;
}

/**
 * A person with a Matrix client, as tests and the demo play them: matrix-js-sdk with its Rust crypto, everything in
 * memory. Knows nothing of Wardroom.
 */
export class Person {
  readonly userId: string;
  readonly deviceId: string;
  readonly accessToken: string;
  /** The library's client, for what this class does not offer. */
  readonly client: MatrixClient;
  /** Every event of every room since the log-in, with its time of arrival. */
  readonly events: EventLog;
  readonly #url: string;

  private constructor(url: string, account: Account, client: MatrixClient) {
    this.#url = url;
    this.userId = account.userId;
    this.deviceId = account.deviceId;
    this.accessToken = account.accessToken;
    this.client = client;
    this.events = new EventLog(account.userId);
  }

  /** Logs in on a new device, verifies it, and returns when the first sync is done and the device's keys are public. */
  static async logIn(options: PersonOptions): Promise<Person> {
    const account = await logIn(options.url, options.userId, options.password, options.deviceName ?? 'phone');
    const key = options.recoveryKey == null ? null : decodeRecoveryKey(options.recoveryKey);
    const client = await cryptoClient({ url: options.url, ...account, storageKey: () => key });
    const person = new Person(options.url, account, client);
    const { verify = true, onlySignedDevices = false, lazyMembers = false } = options;
    await person.#start(key !== null && verify, { onlySignedDevices, lazyMembers });
    return person;
  }

  async #start(
    verify: boolean,
    { onlySignedDevices, lazyMembers }: { readonly onlySignedDevices: boolean; readonly lazyMembers: boolean },
  ): Promise<void> {
    const { client } = this;
    if (onlySignedDevices) client.getCrypto()!.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
    client.on(RoomEvent.Timeline, (event) => this.events.add(event));
    client.on(RoomEvent.LocalEchoUpdated, (event) => this.events.add(event));
    client.on(MatrixEventEvent.Decrypted, (event) => this.events.add(event));
    const prepared = new Promise<void>((resolve, reject) => {
      client.on(ClientEvent.Sync, (state, _previous, data) => {
        if (state === SyncState.Prepared) resolve();
        if (state === SyncState.Error) reject(data?.error ?? new Error('sync failed'));
      });
    });
    // By default a sync brings the last ten events of a room: of a burst, a person would never see the first ones.
    const filter = new Filter(this.userId);
    filter.setTimelineLimit(100);
    await client.startClient({ initialSyncLimit: 50, filter, threadSupport: false, lazyLoadMembers: lazyMembers });
    await prepared;
    if (verify) await this.#verify();
    await pollUntil(`keys of ${this.userId}`, () => this.#published(verify), { deadlineMs: 30_000, everyMs: 25 });
  }

  /** Fetches the cross-signing keys from secret storage and signs this device with them. */
  async #verify(): Promise<void> {
    const crypto = this.client.getCrypto()!;
    // The import compares with the public keys: the crypto must have asked the homeserver for them.
    await pollUntil(`identity of ${this.userId}`, () => crypto.userHasCrossSigningKeys(this.userId, true), {
      deadlineMs: 30_000,
    });
    await crypto.bootstrapCrossSigning({});
  }

  /** Does the homeserver show this device's keys to others, signed by its owner if it should be? */
  async #published(signed: boolean): Promise<boolean> {
    const answer = await this.api<KeysQuery>('POST', '/_matrix/client/v3/keys/query', {
      device_keys: { [this.userId]: [this.deviceId] },
    });
    const keys = answer.device_keys[this.userId]?.[this.deviceId];
    return keys !== undefined && (!signed || Object.keys(keys.signatures[this.userId] ?? {}).length >= 2);
  }

  /** One request to the homeserver as this person. */
  api<T>(method: string, path: string, body?: unknown): Promise<T> {
    return request<T>(method, `${this.#url}${path}`, {
      token: this.accessToken,
      ...(body === undefined ? {} : { body }),
    });
  }

  /** The first event, past or to come, that `predicate` accepts. Unreadable ones are offered only when asked for. */
  waitFor(predicate: (event: SeenEvent) => boolean, options: WaitOptions = {}): Promise<SeenEvent> {
    return this.events.waitFor(predicate, options);
  }

  /** Sends `m.text`, encrypted where the room is; returns the event id. */
  say(roomId: string, body: string, options: SayOptions = {}): Promise<string> {
    const relation =
      options.thread !== undefined
        ? {
            rel_type: 'm.thread',
            event_id: options.thread,
            is_falling_back: options.replyTo === undefined,
            'm.in_reply_to': { event_id: options.replyTo ?? options.thread },
          }
        : options.replyTo !== undefined
          ? { 'm.in_reply_to': { event_id: options.replyTo } }
          : undefined;
    return this.send(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body,
      ...(relation === undefined ? {} : { 'm.relates_to': relation }),
      ...options.content,
    });
  }

  /** Sends any event, encrypted where the room is (never reactions: the library leaves them in the clear). */
  async send(roomId: string, type: string, content: Readonly<Record<string, unknown>>): Promise<string> {
    await this.room(roomId);
    const sent = await this.client.sendEvent(
      roomId,
      type as EventType.RoomMessage,
      content as unknown as RoomMessageEventContent,
    );
    return sent.event_id;
  }

  react(roomId: string, eventId: string, key: string): Promise<string> {
    return this.send(roomId, 'm.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key } });
  }

  async redact(roomId: string, eventId: string, reason?: string): Promise<string> {
    const sent = await this.client.redactEvent(roomId, eventId, undefined, reason === undefined ? {} : { reason });
    return sent.event_id;
  }

  /** Says that everything up to the event was displayed: in a thread, in `main`, or (without `thread`) everywhere. */
  async read(roomId: string, eventId: string, options: { thread?: string; private?: boolean } = {}): Promise<void> {
    const type = options.private === true ? 'm.read.private' : 'm.read';
    await this.api(
      'POST',
      `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/receipt/${type}/${encodeURIComponent(eventId)}`,
      options.thread === undefined ? {} : { thread_id: options.thread },
    );
  }

  /** The rooms this person has joined, as the homeserver has them. */
  async rooms(): Promise<string[]> {
    return (await this.api<{ joined_rooms: string[] }>('GET', '/_matrix/client/v3/joined_rooms')).joined_rooms;
  }

  /** `via`: servers that are in the room, where this person's own is not yet. */
  async join(roomId: string, via: readonly string[] = []): Promise<void> {
    await this.client.joinRoom(roomId, { viaServers: [...via] });
    if (via.length > 0) await this.#wakeUntilIn(roomId);
    await this.room(roomId);
  }

  /** Waits until this client has seen itself leave the room, or be taken out of it. */
  async out(roomId: string): Promise<void> {
    const isOut = async () => this.client.getRoom(roomId)?.getMyMembership() !== 'join';
    await pollUntil(`${this.userId} out of ${roomId}`, isOut, { deadlineMs: 30_000, everyMs: 25 });
  }

  /**
   * Synapse leaves out a room whose state it has not fetched in full from the other homeserver, and a sync that waits just then may not hear that it
   * has: up to 30 s, until it ends by itself or something else happens to the person. Something does.
   */
  async #wakeUntilIn(roomId: string): Promise<void> {
    const path = `/_matrix/client/v3/user/${encodeURIComponent(this.userId)}/account_data/org.example.woken`;
    let times = 0;
    await pollUntil(
      `${this.userId} in ${roomId}`,
      async () => {
        if (this.client.getRoom(roomId)?.getMyMembership() === 'join') return true;
        await this.api('PUT', path, { times: ++times });
        return false;
      },
      { deadlineMs: 30_000, everyMs: 250 },
    );
  }

  async leave(roomId: string): Promise<void> {
    await this.client.leave(roomId);
  }

  /** Waits until this client has seen itself join the room. */
  async room(roomId: string, timeoutMs = 30_000): Promise<void> {
    const joined = (): boolean => this.client.getRoom(roomId)?.getMyMembership() === 'join';
    if (joined()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => done(new Error(`${this.userId} is not in ${roomId}`)), timeoutMs);
      const look = (): void => void (joined() && done());
      const done = (error?: Error): void => {
        clearTimeout(timer);
        this.client.off(RoomEvent.MyMembership, look);
        this.client.off(ClientEvent.Room, look);
        if (error) reject(error);
        else resolve();
      };
      this.client.on(RoomEvent.MyMembership, look);
      // Of a room that was never heard of the library tells the membership before it lists the room.
      this.client.on(ClientEvent.Room, look);
      look();
    });
  }

  /** Makes a new cross-signing identity and signs this device with it, as a client's "reset" does. The secret storage stays behind. */
  async resetIdentity(password: string): Promise<void> {
    const identifier = { type: 'm.id.user', user: this.userId };
    await this.client.getCrypto()!.bootstrapCrossSigning({
      setupNewCrossSigning: true,
      authUploadDeviceSigningKeys: async (upload) => {
        await upload(null).catch((error: MatrixError) =>
          upload({ type: 'm.login.password', identifier, password, session: error.data.session }),
        );
      },
    });
    // An answer about the keys before may have been under way: until this client has heard of the new ones it holds none.
    const crypto = this.client.getCrypto()!;
    const isKnown = async () => {
      await crypto.userHasCrossSigningKeys(this.userId, true);
      return (await crypto.getCrossSigningKeyId()) !== null;
    };
    await pollUntil(`new identity of ${this.userId}`, isKnown, { deadlineMs: 30_000 });
  }

  /** The public master key of this person's identity, as this client holds it. */
  async masterKey(): Promise<string> {
    let key: string | null = null;
    // An answer of the homeserver from before the identity was made may still be on its way: until the next one, the client has none.
    await pollUntil(
      `the identity of ${this.userId}`,
      async () => {
        key = await this.client.getCrypto()!.getCrossSigningKeyId();
        return key !== null;
      },
      { deadlineMs: 30_000 },
    );
    return key!;
  }

  /** Begins a new outbound session in the room with the next message, as clients do by and by. */
  async rotateSession(roomId: string): Promise<void> {
    await this.client.getCrypto()!.forceDiscardSession(roomId);
  }

  /** The event as the homeserver stores it. */
  stored(roomId: string, eventId: string): Promise<Record<string, unknown>> {
    return this.api(
      'GET',
      `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(eventId)}`,
    );
  }

  /** Logs the device out and stops. */
  async logOut(): Promise<void> {
    this.client.stopClient();
    await this.client.http.authedRequest(Method.Post, '/logout');
    this.events.close();
  }

  /** Stops syncing without logging out, as a phone that is switched off. The client cannot be started again. */
  stop(): void {
    this.client.stopClient();
    this.events.close();
  }
}

interface KeysQuery {
  readonly device_keys: Record<string, Record<string, { signatures: Record<string, Record<string, string>> }>>;
}

export type { MatrixEvent, SeenEvent };
