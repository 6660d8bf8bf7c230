import type { RetentionRule } from '../../policy/index.ts';

/** What a run has done so far. Codes and numbers; rooms by id. */
export interface RetentionReport {
  /** Rooms whose messages end. */
  readonly rooms: number;
  /** Messages deleted from the homeserver's history, and those whose content was taken away where they stand. */
  readonly purged: number;
  readonly redacted: number;
  /** Messages older than their room's limit that are kept, by the rule that keeps them. */
  readonly kept: Readonly<Partial<Record<RetentionRule, number>>>;
  /** Tickets whose text Wardroom had, keys of its own, room keys of its devices, files. */
  readonly tickets: number;
  readonly keys: number;
  readonly room_keys: number;
  readonly media: number;
  readonly could_not: readonly CouldNot[];
}

/** What is left somewhere, and why. */
export interface CouldNot {
  readonly what:
    | 'partner-servers'
    | 'client-caches'
    | 'backups'
    | 'redacted-content'
    | 'history'
    | 'media-elsewhere'
    | 'room'
    | 'media';
  /** In words, for people. */
  readonly why: string;
  readonly rooms?: readonly string[];
  readonly count?: number;
}

export const nothingYet: RetentionReport = {
  rooms: 0,
  purged: 0,
  redacted: 0,
  kept: {},
  tickets: 0,
  keys: 0,
  room_keys: 0,
  media: 0,
  could_not: [],
};

/** What one room came to. */
export interface RoomErased {
  readonly purged: number;
  readonly redacted: number;
  readonly kept: RetentionReport['kept'];
  /** People of other homeservers are or were in it. */
  readonly isShared: boolean;
  /** The homeserver lets nobody purge on our behalf: everything was redacted. */
  readonly isRedactedOnly: boolean;
  /** Messages that could not be deleted, and why the last of them could not. */
  readonly failed: number;
  readonly code: string | null;
}

const WHY = {
  'client-caches': 'Phones and browsers keep what they have downloaded until they are told of it and follow.',
  backups: 'Backups of the homeserver and of Wardroom made before hold it until they are thrown away.',
  'partner-servers': 'Homeservers of partners were asked by redaction; whether they follow, Wardroom cannot see.',
  'redacted-content':
    'The homeserver keeps what was redacted for its own time (redaction_retention_period) before it forgets it.',
  history: 'Wardroom is no administrator of the homeserver there: messages are emptied, not deleted.',
  'media-elsewhere': 'Files that another homeserver keeps: its copy stays.',
  room: 'The homeserver refused.',
  media: 'Files that the homeserver did not delete.',
} as const satisfies Record<CouldNot['what'], string>;

/** Adds to what could not be done, one line for each kind. */
export function couldNot(
  report: RetentionReport,
  what: CouldNot['what'],
  about: { readonly room?: string; readonly count?: number; readonly code?: string } = {},
): RetentionReport {
  const before = report.could_not.find((one) => one.what === what);
  const rooms = about.room === undefined ? before?.rooms : [...new Set([...(before?.rooms ?? []), about.room])];
  const count = about.count === undefined ? before?.count : (before?.count ?? 0) + about.count;
  const why = about.code === undefined ? (before?.why ?? WHY[what]) : `${WHY[what]} (${about.code})`;
  const line: CouldNot = { what, why, ...(rooms ? { rooms } : {}), ...(count === undefined ? {} : { count }) };
  return { ...report, could_not: [...report.could_not.filter((one) => one.what !== what), line] };
}

/** Adds a room. */
export function withRoom(report: RetentionReport, room: string, erased: RoomErased): RetentionReport {
  const { purged, redacted, kept, isShared, isRedactedOnly, failed, code } = erased;
  let all: RetentionReport = {
    ...report,
    rooms: report.rooms + 1,
    purged: report.purged + purged,
    redacted: report.redacted + redacted,
    kept: addCounts(report.kept, kept),
  };
  if (purged + redacted > 0) {
    all = couldNot(couldNot(all, 'client-caches'), 'backups');
    if (isShared) all = couldNot(all, 'partner-servers', { room });
  }
  if (redacted > 0) all = couldNot(all, 'redacted-content', { count: redacted });
  if (isRedactedOnly && redacted > 0) all = couldNot(all, 'history', { room });
  if (failed > 0 || code !== null)
    all = couldNot(all, 'room', { room, count: failed, ...(code === null ? {} : { code }) });
  return all;
}

export function addCounts(before: RetentionReport['kept'], more: RetentionReport['kept']): RetentionReport['kept'] {
  const sum: Partial<Record<RetentionRule, number>> = { ...before };
  for (const [rule, count] of Object.entries(more) as [RetentionRule, number][]) sum[rule] = (sum[rule] ?? 0) + count;
  return sum;
}
