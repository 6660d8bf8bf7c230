import type { CryptoStore } from '../../flows/cryptoPort.ts';
import type { Encrypted } from '../../flows/ports.ts';
import type { DeviceId, MasterKey, RoomId, UserId } from '../../kernel/ids.ts';
import type { Phi, Secret } from '../../kernel/phi.ts';
import type { PortFailure, Result } from '../../kernel/result.ts';
import type { MatrixRequest } from '../matrixRequest.ts';

export interface CryptoSettings {
  /** `cross-signed`: only devices signed by their owner get keys (MSC4153). */
  readonly devices: 'cross-signed' | 'all';
  /** A room's session is replaced after this many messages (1 to 10,000) ... */
  readonly rotationMessages: number;
  /** ... or after this many milliseconds (at least an hour). */
  readonly rotationMs: number;
}

/** A room event opened. */
export interface Decrypted {
  readonly clear: { readonly type: string; readonly content: Phi<Record<string, unknown>> };
  /** The sending device is signed by the sender's own identity, and the key came straight from it. */
  readonly crossSigned: boolean;
  readonly senderDevice: DeviceId | null;
  /**
   * The sender's identity, when by what is known now it signs the device that holds the key. Stricter than `crossSigned`, which goes
   * by what the session remembers: for whoever must be who they say.
   */
  readonly signedBy: MasterKey | null;
  readonly sessionId: string;
}

/**
 * `missing-key`: the key may still come, try again on `onRoomKeys`. `withheld`: the same, but the sender's device said that it
 * will not give it. `refused`: never readable, or not from who it says it is. `replayed`: the server showed an old message
 * as a new one. `unavailable`: the engine is not running, try again.
 */
export type DecryptFailure = 'missing-key' | 'withheld' | 'refused' | 'replayed' | 'unavailable';

/** Something worth an operator's notice: a code from a closed set, no values. */
export type CryptoCode =
  | 'crypto.lease_held'
  | 'crypto.lease_lost'
  | 'crypto.store_unavailable'
  | 'crypto.store_lost'
  /** The database was set back in time: the homeserver has seen more of this device than the store knows. */
  | 'crypto.store_stale'
  /** Records were changed or are missing. */
  | 'crypto.store_damaged'
  /** The store is whole, but of another device than the one at the homeserver. */
  | 'crypto.store_foreign'
  | 'crypto.passphrase_wrong'
  | 'crypto.device_created'
  | 'crypto.device_gone'
  | 'crypto.device_conflict'
  | 'crypto.identity_created'
  | 'crypto.identity_restored'
  | 'crypto.identity_reset'
  /** The kept identity was damaged; the engine had it, and it was sealed again. */
  | 'crypto.identity_resealed'
  | 'crypto.engine_died'
  | 'crypto.engine_restarted'
  | 'crypto.start_failed'
  | 'crypto.sync_failed'
  | 'crypto.sync_restarted'
  | 'crypto.request_failed';

export interface VoiceCryptoOptions {
  readonly user: UserId;
  /** Calls in the name of this voice's user; `device_id` is added here. */
  readonly request: MatrixRequest;
  readonly store: CryptoStore;
  /** The content of the crypto passphrase file; the same for all voices. */
  readonly passphrase: Secret;
  readonly settings: CryptoSettings;
  readonly onCode: (code: CryptoCode) => void;
}

/** The end-to-end encryption of one voice: one user, one cross-signed device, in exactly one process. */
export interface VoiceCrypto {
  readonly user: UserId;
  /** Null until the device was brought up; changes only when a store was lost. */
  readonly deviceId: DeviceId | null;
  /**
   * Takes the lease (waiting while another process holds it), loads or brings up the device and starts syncing.
   * Resolves when ready to encrypt; keeps trying until `stop`. Rejects only when the passphrase is wrong or `stop` was called.
   */
  start(): Promise<void>;
  state(): 'stopped' | 'starting' | 'ready' | 'failed';
  /**
   * Encrypts for the room's joined (and invited) members as the caller knows them. Never gives back plaintext. `readers` says
   * honestly who can open it; whether that is enough is the caller's decision.
   */
  encrypt(
    room: RoomId,
    members: readonly UserId[],
    type: string,
    content: Phi<Record<string, unknown>>,
  ): Promise<Result<Encrypted, PortFailure>>;
  /** Opens one `m.room.encrypted` event, given whole as the homeserver sent it. */
  decrypt(room: RoomId, event: object): Promise<Result<Decrypted, DecryptFailure>>;
  /**
   * Destroys the keys of these sessions, in memory and in the store: what was encrypted with them cannot be opened here any more. How many there
   * were. The session in which the voice itself writes is passed over: it is replaced in time. Throws when they cannot be destroyed now; may be
   * repeated.
   */
  forgetSessions(room: RoomId, sessionIds: readonly string[]): Promise<number>;
  /** Of these users, the devices that would be given keys now, asking the homeserver about users not known yet. */
  usableDevices(users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly DeviceId[]>>;
  /** Of these users, the identities that the homeserver shows now; who has none is not in it. Empty while the engine does not run. */
  identities(users: readonly UserId[]): Promise<ReadonlyMap<UserId, MasterKey>>;
  /**
   * Somebody was invited to or joined a room the voice is in. Their device list is asked for again: /sync without rooms does not
   * report users who come back with other devices (matrix.md 4.3).
   */
  membersJoined(room: RoomId, users: readonly UserId[]): void;
  /** Somebody left or was removed: the room's next message starts a session that they do not have. */
  membersLeft(room: RoomId, users: readonly UserId[]): void;
  /**
   * Devices of these users were deleted at the homeserver: in every room they are in the next message starts a session, shared only after their device
   * lists were asked for again. Needs no memory beyond this process: one that starts begins new sessions everywhere.
   */
  devicesDeleted(users: readonly UserId[]): void;
  /** Called after room keys became durable, so that events that wait for them can be tried again. Returns the unsubscriber. */
  onRoomKeys(listener: (keys: readonly { readonly room: RoomId; readonly sessionId: string }[]) => void): () => void;
  /** Called when the devices of these users were found to have changed. Returns the unsubscriber. */
  onDevicesChanged(listener: (users: readonly UserId[]) => void): () => void;
  /** Fetches what the homeserver holds for the device at once instead of within two seconds: somebody waits for a key. */
  lookNow(): void;
  /** Milliseconds since the last completed /sync (one every two seconds); null before the first. */
  syncLag(): number | null;
  /** Ends the engine after running calls, and gives back the lease. */
  stop(): Promise<void>;
  /** For tests: resolves when a look that was begun after the call has been dealt with. Waits while there is no engine. */
  lookForTest(): Promise<void>;
  /** Makes the WASM engine panic, for tests. Resolves when it is dead; it restarts by itself. */
  panicForTest(): Promise<void>;
}
