import type { Instant } from '../kernel/clock.ts';
import type { EventId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';

/** A summary as it was made. */
export interface KeptReview {
  readonly id: string;
  /** The first day, and the day after the last: 2026-11-23, 2026-11-30. */
  readonly from: string;
  readonly to: string;
  /** The bytes of which `digest` (SHA-256, hex) is: JCS (RFC 8785) of a `ReviewSummary`. */
  readonly summary: string;
  readonly digest: string;
  readonly madeAt: Instant;
}

/** What happened to a summary, in order. */
export type ReviewEvent =
  | { readonly type: 'posted'; readonly by: 'wardroom'; readonly at: Instant; readonly event: EventId }
  | { readonly type: 'chased'; readonly by: 'wardroom'; readonly at: Instant; readonly days: number }
  | { readonly type: 'signed'; readonly by: string; readonly at: Instant; readonly digest: string };

export interface ReviewWithEvents extends KeptReview {
  readonly events: readonly ReviewEvent[];
}

export interface ReviewsRead {
  /** Those that nobody signed, the oldest first. */
  unsigned(): Promise<readonly ReviewWithEvents[]>;
  latest(limit: number): Promise<readonly ReviewWithEvents[]>;
  one(id: string): Promise<ReviewWithEvents | null>;
  /** The day up to which summaries reach, of those that end by `day`; null: there is none. */
  coveredUpTo(day: string): Promise<string | null>;
}

export interface ReviewsWrite extends ReviewsRead {
  add(review: KeptReview): Promise<void>;
  append(id: string, event: ReviewEvent, note: Phi<string> | null): Promise<void>;
}
