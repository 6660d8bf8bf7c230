import type { Instant } from '../kernel/clock.ts';
import type { DeviceId, RoomId, UserId } from '../kernel/ids.ts';
import type { PortFailure, Result } from '../kernel/result.ts';

/** One session of somebody at our homeserver. */
export interface AccountDevice {
  readonly device: DeviceId;
  /** As the client, or the person, named it. */
  readonly name: string | null;
  /** What the client said it is. */
  readonly client: string | null;
  /** By the homeserver's clock; null: never, or not kept. */
  readonly lastSeen: Instant | null;
  /** `verified`: its owner's identity signs it. `unsigned`: it does not. `no-keys`: it cannot encrypt. `waiting`: keys of a device that nobody has yet. */
  readonly trust: 'verified' | 'unsigned' | 'no-keys' | 'waiting';
}

export interface AccountState {
  readonly locked: boolean;
  readonly deactivated: boolean;
}

/**
 * Who signs people in. `homeserver`: it does, by a password. `identity-provider`: another service, each session is the homeserver's own.
 * `delegated`: an authentication service (MAS) in front, to which sessions and accounts belong (Matrix 1.15, "OAuth 2.0 API").
 */
export type SignIn = 'homeserver' | 'identity-provider' | 'delegated';

/**
 * People's accounts and devices at our own homeserver. Everything may be repeated: what is so already is done. Codes of failures of its own:
 * `not-server-admin`, `admin-api-missing`, `no-such-user`.
 */
export interface Accounts {
  signIn(): Promise<Result<SignIn, PortFailure>>;
  /** Null: there is no such account. */
  state(user: UserId): Promise<Result<AccountState | null, PortFailure>>;
  /** The one that was seen last first. */
  devices(user: UserId): Promise<Result<readonly AccountDevice[], PortFailure>>;
  /** The rooms that one of ours shares with somebody. */
  sharedRooms(user: UserId): Promise<Result<readonly RoomId[], PortFailure>>;
  /**
   * Ends these sessions: their tokens, their keys and their pushers are gone. What we say from when it resolves they can read nowhere, in whatever room:
   * each voice's next message begins a new key, after asking anew for the devices of this person.
   */
  deleteDevices(user: UserId, devices: readonly DeviceId[]): Promise<Result<void, PortFailure>>;
  setLocked(user: UserId, locked: boolean): Promise<Result<void, PortFailure>>;
}
