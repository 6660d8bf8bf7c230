/** How long, in the largest unit that says enough. */
export function lasting(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(seconds / 3600);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** An instant of RFC 3339 in UTC, to the minute. */
export const minuteOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
/** To the second. */
export const secondOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
