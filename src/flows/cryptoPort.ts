/**
 * The crypto store: what the encryption engine of each voice must never lose (design.md 6.2).
 * Exempt from `Store.change`: it holds no business state, and its writes commit before any effect leaves the process.
 */
import type { DeviceId, UserId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';

/** An IndexedDB object store: its name, its key path and its indexes. */
export interface StoredObjectStore {
  readonly name: string;
  readonly keyPath: string | readonly string[] | null;
  readonly indexes: readonly {
    readonly name: string;
    readonly keyPath: string | readonly string[];
    readonly unique: boolean;
    readonly multiEntry: boolean;
  }[];
}

/** One record: its key as canonical JSON, its value as bytes, which the engine has already encrypted. */
export interface StoredRecord {
  readonly store: string;
  readonly key: string;
  readonly value: Uint8Array;
}

export interface StoredDatabase {
  readonly name: string;
  readonly version: number;
  readonly stores: readonly StoredObjectStore[];
  readonly records: readonly StoredRecord[];
}

/** What one committed IndexedDB transaction changed. Changes to one key follow each other in time; the last one counts. */
export type StoreChange =
  | {
      readonly kind: 'put';
      readonly database: string;
      readonly store: string;
      readonly key: string;
      readonly value: Uint8Array;
    }
  | { readonly kind: 'delete'; readonly database: string; readonly store: string; readonly key: string }
  /** The whole database as it is now: written when its version changes. */
  | { readonly kind: 'replace'; readonly database: StoredDatabase };

export interface StoredVoice {
  /** The device these records belong to; null before the first one was made. */
  readonly deviceId: DeviceId | null;
  /** The device was announced, signed and is in use. */
  readonly ready: boolean;
  readonly syncToken: string | null;
  /** The private cross-signing keys, sealed; they outlive the device. */
  readonly sealedIdentity: Uint8Array | null;
  /** How many commits this store has seen; grows with each, and over devices. */
  readonly epoch: number;
  /** What `apply` was given last; null when it was never given one. */
  readonly digest: Uint8Array | null;
  readonly databases: readonly StoredDatabase[];
}

/**
 * The right to run one voice's engine, held by one process at a time. All writes go through the connection that holds it:
 * whoever lost the lease cannot write any more. Every method rejects once the lease is lost.
 */
export interface CryptoLease {
  load(): Promise<StoredVoice>;
  /**
   * Commits all changes, the sync token that came with them and the digest of what is stored then, in one SQL transaction.
   * Resolves to the epoch.
   */
  apply(
    changes: readonly StoreChange[],
    also?: { readonly syncToken?: string; readonly digest?: Uint8Array },
  ): Promise<number>;
  /** Forgets every record and the sync token, and starts a new device in this epoch. The sealed identity stays. */
  startDevice(device: DeviceId, epoch: number): Promise<void>;
  markReady(): Promise<void>;
  saveSealedIdentity(sealed: Uint8Array): Promise<void>;
  /**
   * True when this place in this session was taken by another event: a message played back by the server.
   * The first event seen at a place owns it for ever.
   */
  isReplay(place: { readonly session: string; readonly index: number; readonly event: string }): Promise<boolean>;
  /** Resolves when the lease is gone: lost, or released. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

export interface CryptoStore {
  /**
   * `held`: another process runs this voice. With `wait` it waits for that process to let go or die, until `signal` aborts.
   * `unavailable`: the database cannot be reached.
   */
  acquire(
    voice: UserId,
    options?: { readonly wait?: boolean; readonly signal?: AbortSignal },
  ): Promise<Result<CryptoLease, 'held' | 'unavailable'>>;
}
