/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/**
 * Business time: ladders, rosters, agreements, expiry. The embedded hospital can move it.
 * Signatures, TLS and logs use the machine's own clock instead.
 */
export interface Clock {
  now(): Instant;
}

/** The machine's clock: the one place that reads it. */
export const realClock: Clock = { now: () => Date.now() };

/** RFC 3339 in UTC with milliseconds. */
export const isoInstant = (at: Instant): string => new Date(at).toISOString();
