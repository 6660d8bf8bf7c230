import type { StoreChange, StoredDatabase } from '../../flows/cryptoPort.ts';

/** A request the engine wants sent to the homeserver. `id` and `type` go back with the answer; `type` null needs none. */
export interface EngineRequest {
  readonly id: string;
  readonly type: number | null;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  /** JSON. */
  readonly body: string;
}

export interface CrossSigningKeys {
  readonly master: string;
  readonly selfSigning: string;
  readonly userSigning: string;
}

export interface EngineDevice {
  readonly id: string;
  /** Signed by its owner's identity. */
  readonly crossSigned: boolean;
}

export interface OwnKeys {
  readonly ed25519: string;
  readonly curve25519: string;
}

export interface EngineSync {
  /** JSON array. */
  readonly toDevice: string;
  readonly changed: readonly string[];
  readonly left: readonly string[];
  readonly oneTimeKeyCounts: readonly (readonly [string, number])[];
  readonly fallbackKeys: readonly string[] | null;
  readonly syncToken: string;
}

export interface EngineRotation {
  readonly devices: 'cross-signed' | 'all';
  readonly messages: number;
  readonly ms: number;
}

export type EngineDecrypted =
  | {
      readonly kind: 'clear';
      /** JSON of the whole decrypted event. */
      readonly event: string;
      readonly shield: 'none' | 'unknown-device' | 'other';
      readonly senderDevice: string | null;
      /** The master key of the sender's identity, when by what is known now it signs the device whose key opened the event. */
      readonly signedBy: string | null;
    }
  | { readonly kind: 'missing-key' | 'withheld' | 'refused' };

/** What the worker does, one call each. */
export interface EngineCalls {
  /** Fails with `wrong-key` when the store was made with another key. */
  open(to: {
    readonly user: string;
    readonly device: string;
    readonly key: Uint8Array;
    readonly databases: readonly StoredDatabase[];
  }): void;
  outgoing(): readonly EngineRequest[];
  markSent(answer: { readonly id: string; readonly type: number; readonly response: string }): void;
  trackUsers(users: readonly string[]): void;
  /** Asks again for these users' devices at the next `outgoing`. */
  devicesChanged(users: readonly string[]): void;
  allDevicesChanged(): void;
  missingSessions(users: readonly string[]): EngineRequest | null;
  shareRoomKey(to: {
    readonly room: string;
    readonly users: readonly string[];
    readonly rotation: EngineRotation;
  }): readonly EngineRequest[];
  invalidate(room: string): void;
  /** The encrypted content as JSON. */
  encrypt(message: { readonly room: string; readonly type: string; readonly content: string }): string;
  decrypt(message: { readonly room: string; readonly event: string }): EngineDecrypted;
  /** Destroys keys that open what was received in this room; how many there were. */
  forgetSessions(which: { readonly room: string; readonly sessionIds: readonly string[] }): number;
  devices(users: readonly string[]): readonly (readonly [string, readonly EngineDevice[]])[];
  /** The public master keys of these users' identities, as the homeserver last told; null for who has none. */
  identities(users: readonly string[]): readonly (readonly [string, string | null])[];
  /** All durable in one commit with the sync token. */
  sync(response: EngineSync): void;
  /** Makes an identity if there is none; the requests that publish it, in order. */
  bootstrapIdentity(reset: boolean): readonly EngineRequest[];
  /** Our device's public keys, unpadded base64. */
  ownKeys(): OwnKeys;
  exportIdentity(): CrossSigningKeys | null;
  /** False when the homeserver shows another identity, or none. */
  importIdentity(keys: CrossSigningKeys): boolean;
  signOwnDevice(): EngineRequest;
  /** Our user's public identity, as the homeserver last told it: is there one, do we hold its private keys, does it sign us? */
  ownIdentity(): 'none' | 'foreign' | 'signs-us';
  /** Encrypts without a shared session, which panics. For tests. */
  panic(): void;
}

export type EngineCall = keyof EngineCalls;

export type ToWorker =
  | { readonly kind: 'call'; readonly id: number; readonly call: EngineCall; readonly argument: unknown }
  | { readonly kind: 'written'; readonly id: number; readonly ok: boolean };

export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly code: EngineFailure }
  | {
      readonly kind: 'write';
      readonly id: number;
      readonly changes: readonly StoreChange[];
      readonly syncToken: string | null;
    }
  | { readonly kind: 'roomKeys'; readonly keys: readonly { readonly room: string; readonly sessionId: string }[] }
  | { readonly kind: 'devices'; readonly users: readonly string[] };

/** `engine`: the engine answered with an error. `wrong-key`: the store was made with another passphrase. */
export type EngineFailure = 'engine' | 'wrong-key';
