import type { Instant } from '../kernel/clock.ts';
import type { EventId, UserId } from '../kernel/ids.ts';

/** Something that an administrator asked for and that is done when its code is confirmed. */
export interface Confirmation {
  readonly code: string;
  readonly command: string;
  readonly plan: Readonly<Record<string, unknown>>;
  /** Digest of what was shown. */
  readonly basis: string;
  readonly secondPerson: boolean;
  readonly askedBy: UserId;
  readonly askedIn: EventId;
  readonly askedAt: Instant;
  readonly expiresAt: Instant;
  /** Who used it; null: nobody yet. */
  readonly usedBy: UserId | null;
}

export interface ConfirmationsWrite {
  find(code: string): Promise<Confirmation | null>;
  add(confirmation: Confirmation): Promise<void>;
  use(code: string, by: UserId, event: EventId, at: Instant): Promise<void>;
}
