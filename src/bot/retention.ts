/** What commands about retention and holds have in common. */
import type { RetentionReport } from '../flows/retention/report.ts';
import type { PlannedRoom } from '../flows/retention/retentionDesk.ts';
import { type EventId, eventId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { DIRECT } from '../policy/index.ts';
import type { BadArgument } from './arguments.ts';
import { notice, type Piece } from './render.ts';

/** An event id, or a link to a message as clients copy it (Matrix specification, "matrix.to navigation"). */
export function eventNamed(typed: string): Result<EventId, BadArgument> {
  const link = /^https:\/\/matrix\.to\/#\/[^/\s]+\/([^?\s]{1,400})/.exec(typed);
  const id = link === null ? typed : decodedOf(link[1]!);
  return /^\$[^\s]{1,254}$/.test(id) ? ok(eventId(id)) : err({ argument: 'EVENT' });
}

const decodedOf = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};

export const retentionReasons: Readonly<Record<string, string>> = {
  'event-unknown': 'Wardroom has heard of no such message in a room that it keeps.',
  'policy-unreadable': 'The policy cannot be read, so nothing is deleted. `wardroom config check` says what is wrong.',
  'goes-on':
    'The run is not at its end: the homeserver did not answer, or Wardroom was stopped. It goes on by itself, and what it came to is told here.',
  'no-such-hold': 'There is no such hold in force. `hold list` shows them.',
  'hold-without-scope':
    'Say what it covers: a room, or --person, --patient, --ticket, --class, --from, --to. All that is named has to be so of a message.',
};

/** What stands for the class of rooms of Wardroom and one person. */
export const DIRECT_CLASS: typeof DIRECT = '(direct)';

/** Which rule keeps or deletes, in words. */
export const RULES: Readonly<Record<string, string>> = {
  hold: 'a legal hold',
  unread_stat: 'STAT that nobody acknowledged',
  'audit.keep': 'documentation',
  min_age: 'the least lifetime',
  cross_org: 'the shorter limit of both hospitals',
  max_age: 'the class’s limit',
  'class-unknown': 'its class is not in the policy any more',
};

/** Tells of a run that nobody asked for. */
export const retentionNotice = (report: RetentionReport): Phi<Record<string, unknown>> =>
  new Phi(notice(['Retention came to its end.', ...shownReport(report)]));

export function shownPlan(rooms: readonly PlannedRoom[]): readonly Piece[] {
  if (rooms.length === 0) return ['Nothing is old enough.'];
  const counted = (counts: PlannedRoom['goes']) =>
    Object.entries(counts)
      .map(([rule, count]) => `${count} (${RULES[rule] ?? rule})`)
      .join(', ');
  const rows = rooms.map((one) => [`\`${one.room_id}\``, one.class, counted(one.goes), counted(one.stays)]);
  return [{ head: ['Room', 'Class', 'Would go', 'Would stay'], rows }, 'Nothing was changed.'];
}

/** What a run did, as people read it. */
export function shownReport(report: RetentionReport): readonly Piece[] {
  const { purged, redacted, kept, tickets, keys, room_keys, media, could_not, rooms } = report;
  const done: (readonly [string, number])[] = [
    ['Messages deleted', purged],
    ['Messages emptied where they stand', redacted],
    ['Texts of tickets destroyed', tickets],
    ['Keys of such texts destroyed', keys],
    ['Room keys forgotten', room_keys],
    ['Files deleted', media],
    ...Object.entries(kept).map(([rule, count]) => [`Kept: ${RULES[rule] ?? rule}`, count ?? 0] as const),
  ];
  const rows = done.filter(([, count]) => count > 0).map(([what, count]) => [what, String(count)]);
  return [
    rows.length === 0 ? `Nothing was old enough in ${rooms} rooms.` : `In ${rooms} rooms:`,
    ...(rows.length === 0 ? [] : [{ head: ['What', 'How many'], rows }]),
    ...(could_not.length === 0
      ? []
      : [
          'What is left elsewhere:',
          {
            head: ['Where', 'How many', 'Why'],
            rows: could_not.map(({ what, count, rooms: where, why }) => [
              what,
              count === undefined ? (where === undefined ? '' : `${where.length} rooms`) : String(count),
              why,
            ]),
          },
        ]),
  ];
}
