import type { Instant } from '../kernel/clock.ts';
import type { Cap, EarlierSend, TextKind } from './request.ts';

const DAY_MS = 86_400_000;

export interface CapReached {
  readonly code: 'daily-cap' | 'weekly-cap';
  /** When there is room again. */
  readonly until: Instant;
}

/**
 * What of a cap is used up (rule T10 (F): one a day, three a week, text and voice together). Counts what went to the same telephone, or may
 * have, in the last 24 hours and 7 days; what is planned for later counts as well.
 */
export function capsReached(
  sends: readonly EarlierSend[],
  kind: TextKind,
  at: Instant,
  cap: Cap,
): readonly CapReached[] {
  const reached = (code: CapReached['code'], most: number, ms: number): readonly CapReached[] => {
    const recent = sends.filter((send) => send.kind === kind && send.at > at - ms).map((send) => send.at);
    if (recent.length < most) return [];
    const sorted = recent.sort((a, b) => b - a);
    // With none allowed there is never room; this says only when to look again.
    const last = most > 0 ? (sorted[most - 1] ?? at) : at;
    return [{ code, until: last + ms }];
  };
  return [...reached('daily-cap', cap.perDay, DAY_MS), ...reached('weekly-cap', cap.perWeek, 7 * DAY_MS)];
}
