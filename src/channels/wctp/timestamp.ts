import type { Instant } from '../../kernel/clock.ts';

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/i;

/** `YYYY-MM-DDThh:mm:ss`, UTC when no zone is written (WCTP 1.3, "submitTimestamp"). Null when it is no instant. */
export function readTimestamp(text: string): Instant | null {
  const match = TIMESTAMP.exec(text.trim());
  if (!match) return null;
  const [, year, month, day, hour, minute, second, , zone = 'Z'] = match;
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const at = new Date(Date.UTC(fields[0], fields[1] - 1, fields[2], fields[3], fields[4], fields[5]));
  const same =
    at.getUTCFullYear() === fields[0] &&
    at.getUTCMonth() === fields[1] - 1 &&
    at.getUTCDate() === fields[2] &&
    fields[3] < 24 &&
    fields[4] < 60 &&
    fields[5] < 60;
  if (!same) return null;
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  const minutes = offset ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
  return at.getTime() - minutes * 60_000;
}

/** Strict, as WCTP writes it: seconds, UTC, no zone. */
export const writeTimestamp = (at: Instant): string => new Date(at).toISOString().slice(0, 19);
