/**
 * IndexedDB keys as text, so that one key is always the same text (v8 serialises equal strings in different ways).
 * Covers strings, numbers and arrays of them, which is all the crypto store uses; anything else is refused.
 */
type RecordKey = string | number | readonly RecordKey[];

export function encodeKey(key: unknown): string {
  if (!isRecordKey(key)) throw new Error('unsupported IndexedDB key');
  return JSON.stringify(key);
}

export const decodeKey = (text: string): unknown => JSON.parse(text);

function isRecordKey(key: unknown): key is RecordKey {
  if (Array.isArray(key)) return key.every(isRecordKey);
  return typeof key === 'string' || (typeof key === 'number' && Number.isFinite(key));
}
