import type { Instant } from '../../kernel/clock.ts';
import { wallInstant, wallOddity, wallText } from '../../tickets/times.ts';

export interface ReadTime {
  readonly at: Instant;
  /** What is odd about it: the clock changes over it. */
  readonly finding: string | null;
}

const WALL = /^\d{4}-\d{2}-\d{2}(?:[T ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?$/;

/** A time as a scheduler writes it: local to the practice (`2026-11-29T10:22`, or a date for its midnight), or with an offset. Null: none. */
export function readTime(text: string, tz: string): ReadTime | null {
  if (WALL.test(text)) {
    const wall = text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T');
    try {
      return { at: wallInstant(wall, tz), finding: oddity(wall, tz) };
    } catch {
      return null;
    }
  }
  if (!/(?:Z|[+-]\d{2}:?\d{2})$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : { at, finding: null };
}

function oddity(wall: string, tz: string): string | null {
  const time = wall.slice(11, 16);
  switch (wallOddity(wall, tz)) {
    case 'skipped':
      return `${time} does not exist in ${tz} that night, taken as ${wallText(wallInstant(wall, tz), tz).slice(11)}`;
    case 'twice':
      return `${time} happens twice in ${tz} that night, taken as the first`;
    case null:
      return null;
  }
}
