import type { Instant } from '../kernel/clock.ts';
import type { EventId, MasterKey, UserId } from '../kernel/ids.ts';
import type { PortFailure, Result } from '../kernel/result.ts';

/**
 * `seen`: pinned at first sight, nobody has confirmed it yet. `confirmed`: another administrator compared it.
 * `changed`: it is another one than was pinned; its commands are suspended until another administrator confirms it.
 */
export type PinState = 'seen' | 'confirmed' | 'changed';

/** An administrator's pinned cross-signing identity (design decision 16). */
export interface Administrator {
  readonly userId: UserId;
  readonly masterKey: MasterKey;
  readonly state: PinState;
  /** The identity before it changed. */
  readonly previousKey: MasterKey | null;
  readonly pinnedAt: Instant;
  /** Who confirmed the last identity that was confirmed, and when; they stay when it changes. */
  readonly confirmedBy: UserId | null;
  readonly confirmedAt: Instant | null;
  /** The control room was told of this identity. */
  readonly told: boolean;
}

export interface AdministratorsRead {
  all(): Promise<readonly Administrator[]>;
}

export interface AdministratorsWrite extends AdministratorsRead {
  save(administrator: Administrator): Promise<void>;
  /** Somebody who is no administrator any more. */
  remove(user: UserId): Promise<void>;
}

/** Cross-signing identities of people, as the homeserver shows them now. Who has none, or cannot be asked about, is left out. */
export interface Identities {
  of(users: readonly UserId[]): Promise<ReadonlyMap<UserId, MasterKey>>;
}

/** Tells the control room of an identity that waits to be confirmed. */
export interface AdministratorNotices {
  /**
   * Null: nobody of the others is there to read it, so nothing was posted. Idempotent per identity. Codes and references only.
   */
  post(administrator: Administrator, others: readonly UserId[]): Promise<Result<EventId | null, PortFailure>>;
}
