/** What carriers' documents hold, read without trust. */

/** Ids that a carrier gives: opaque, and nothing that could be words or break a line. */
export const isCarrierId = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9._~:@=+/-]{1,200}$/.test(value);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Codes of errors: digits, as a number or a text; null: none. */
export function errorCode(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\d{1,8}$/.test(text) ? text : null;
}

/** Whole and more than nothing; null: it does not say. */
export function count(value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^[1-9]\d{0,3}$/.test(text) ? Number(text) : null;
}

/** Who wrote: a telephone's number, or a short code or a name in letters, which stay as they were sent. Null: nothing of the kind. */
export const isAddress = (value: unknown): value is string =>
  typeof value === 'string' && /^[\p{L}\p{N}+:._ -]{1,40}$/u.test(value);
