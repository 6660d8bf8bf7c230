import type { Instant } from '../kernel/clock.ts';
import type { TicketId, UserId } from '../kernel/ids.ts';
import { type Happened, named, whoIsAlerted } from './alerted.ts';
import { isOpen } from './draft.ts';
import { fitFields, type Line, size } from './fitFields.ts';
import { joined, note, sayAlerted, sayNamed, title } from './lines.ts';
import { shownOnOneLine } from './shown.ts';
import { type Directory, type Ticket, URGENCIES, type Urgency } from './ticket.ts';
import { ticketFields } from './ticketFields.ts';
import { shortTime, spokenTime } from './times.ts';
import { oddities } from './wording.ts';

/** A ticket that a report lists. */
export interface Reported {
  readonly ticket: Ticket;
  /** The ticket's document: `readTicket(...).text`. */
  readonly text: Readonly<Record<string, unknown>>;
  /** What was added to it since: corrections, notes, repeat calls. */
  readonly words: readonly string[];
  readonly timeline: readonly Happened[];
  /** The step of its protocol that reports it; null for one that is only listed. */
  readonly step: number | null;
  /** When its report was due. */
  readonly dueAt: Instant;
  readonly tz: string;
}

/** One message of a report, and whose sections are in it. */
export interface ReportMessage<T extends Reported> {
  readonly content: Record<string, unknown>;
  readonly tickets: readonly T[];
}

/** Bytes of JSON that one message's lines may take, and the fields of one ticket (why so many: `fitFields`). */
const MESSAGE_BYTES = 40_000;
const TICKET_BYTES = 30_000;
/** Bytes of one id in `ticket_ids`. */
const ID_BYTES = 50;
/** So many lines of a ticket's life are told, the latest. */
const FATES_AT_MOST = 10;
const HEAD_BYTES = 2_000;
/** Composed later than this after it was due, a report says so. */
const LATE_MS = 60_000;
const ACCOUNTS_AT_MOST = 5;
const RULE: Line = { plain: '', html: '<hr>' };

/**
 * The digest or morning report of a room: one message with a section for each ticket, the most urgent first, of those the one that has
 * waited longest. Split on the borders of tickets where it is too long for one event. It mentions nobody and asks for nothing.
 * `tickets` is not empty.
 */
export function composeReports<T extends Reported>(
  tickets: readonly T[],
  now: Instant,
  directory: Directory,
): readonly ReportMessage<T>[] {
  const ordered = [...tickets].sort(
    (one, other) =>
      URGENCIES.indexOf(other.ticket.urgency) - URGENCIES.indexOf(one.ticket.urgency) ||
      one.ticket.acceptedAt - other.ticket.acceptedAt,
  );
  const parts = inParts(ordered.map((reported) => ({ reported, lines: section(reported, now, directory) })));
  return parts.map((sections, index) => ({
    content: contentOf(
      [
        ...head(ordered, now),
        ...(parts.length > 1 ? [note(`Part ${index + 1} of ${parts.length}.`)] : []),
        ...sections.flatMap(({ lines }) => [RULE, ...lines]),
      ],
      sections.map(({ reported }) => reported),
    ),
    tickets: sections.map(({ reported }) => reported),
  }));
}

interface Section<T> {
  readonly reported: T;
  readonly lines: readonly Line[];
}

/** As many whole sections in each message as fit. */
function inParts<T extends Reported>(sections: readonly Section<T>[]): readonly (readonly Section<T>[])[] {
  const parts: Section<T>[][] = [];
  let left = 0;
  for (const section of sections) {
    const ids = idsOf([section.reported.ticket]).length;
    const needs = size(section.lines) + size([RULE]) + ids * ID_BYTES;
    if (parts.length === 0 || needs > left) {
      parts.push([]);
      left = MESSAGE_BYTES - HEAD_BYTES;
    }
    parts.at(-1)?.push(section);
    left -= needs;
  }
  return parts;
}

/** Whose report, of what time, how many of which urgency. */
function head(all: readonly Reported[], now: Instant): readonly Line[] {
  const { tz } = all[0]!;
  const accounts = [...new Set(all.map(({ ticket }) => shownOnOneLine(ticket.account)))];
  const more = accounts.length - ACCOUNTS_AT_MOST;
  const whose = `${accounts.slice(0, ACCOUNTS_AT_MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const counts = [...URGENCIES].reverse().flatMap((urgency) => {
    const count = all.filter(({ ticket }) => ticket.urgency === urgency).length;
    return count > 0 ? [`${count} ${wordOf(urgency)}`] : [];
  });
  const from = Math.min(...all.map(({ ticket }) => ticket.acceptedAt));
  const due = Math.min(...all.map(({ dueAt }) => dueAt));
  const heading = ` \u00b7 ${whose} \u00b7 ${all.length} ${all.length === 1 ? 'ticket' : 'tickets'}: ${counts.join(', ')}`;
  return [
    { plain: `REPORT${heading}`, html: `<strong>REPORT</strong>${note(heading).html}` },
    note(`${spokenTime(from, tz)} to ${spokenTime(now, tz)} (${tz})`),
    ...(now - due > LATE_MS ? [note(`\u26a0 Late: it was due ${spokenTime(due, tz)}.`)] : []),
  ];
}

const wordOf = (urgency: Urgency) => (urgency === 'stat' || urgency === 'fyi' ? urgency.toUpperCase() : urgency);

const WHOLE_TEXT = {
  bytes: TICKET_BYTES,
  cut: ' \u2026 [cut here: the whole of it is in the account\u2019s room]',
  more: 'The rest of this ticket is in the account\u2019s room.',
};

function section({ ticket, text, words, timeline, tz }: Reported, now: Instant, directory: Directory): readonly Line[] {
  const added = words.map((value) => ({ label: 'Added', value }));
  const { lines } = fitFields([...ticketFields(text, ticket.flags), ...added], WHOLE_TEXT);
  return [
    title(ticket, isCancelled(timeline) ? ' \u00b7 CANCELLED' : ''),
    note(`Received ${spokenTime(takenAt(ticket, text), tz)}`),
    ...oddities(ticket, text).map((odd) => note(`\u26a0 ${odd}`)),
    ...lines,
    whatHappened(ticket, timeline, tz, now, directory),
  ];
}

/** When the operator took it, where that can be right; else when it was accepted. */
function takenAt({ flags, acceptedAt }: Ticket, { taken_at: taken }: Reported['text']): Instant {
  return flags.includes('taken_at') || typeof taken !== 'string' ? acceptedAt : Date.parse(taken);
}

const isCancelled = (timeline: readonly Happened[]) =>
  timeline.some(({ event, code }) => event === 'closed' && code === 'cancelled');

/** Whom it alerted, and how it ended. */
function whatHappened(
  ticket: Ticket,
  timeline: readonly Happened[],
  tz: string,
  now: Instant,
  directory: Directory,
): Line {
  const by = (who: string | null) => (who === null ? [] : [note(' by '), sayNamed(named(who as UserId, directory))]);
  const alerted = sayAlerted({ ...whoIsAlerted(ticket, timeline, directory), next: null }, now, tz);
  const fates = timeline.flatMap((row) => {
    const fate = fateOf(row);
    return fate === null ? [] : [joined([note(fate), ...by(row.who), note(` ${shortTime(row.at, now, tz)}.`)], '')];
  });
  const said = [...(alerted ? [alerted] : []), ...fates.slice(-FATES_AT_MOST)];
  if (isOpen(ticket) && ticket.due.length > 0) said.push(note('Nobody has taken it yet.'));
  return joined(
    [note('What happened: '), joined(said.length > 0 ? said : [note('it waited for this report.')], ' ')],
    '',
  );
}

/** What of a ticket's life a reader in the morning wants to know. */
function fateOf({ event, code }: Happened): string | null {
  switch (event) {
    case 'acknowledged':
      return code === 'patched' ? 'Caller and clinician connected' : 'Taken';
    case 'unacknowledged':
      return 'Given back';
    case 'declined':
      return 'Declined';
    case 'undelivered':
      return 'Nobody answered, left to the answering service\u2019s operator';
    case 'corrected':
      return 'Corrected by the answering service';
    case 'repeat_call':
      return 'The caller rang again';
    case 'closed':
      if (code === 'cancelled') return 'Cancelled by the answering service';
      return code === 'done' ? 'Closed' : 'Closed by the answering service';
    default:
      return null;
  }
}

function contentOf(lines: readonly Line[], reported: readonly Reported[]): Record<string, unknown> {
  const { ticket: first, step } = reported[0]!;
  return {
    msgtype: 'm.text',
    body: lines.map((line) => line.plain).join('\n'),
    format: 'org.matrix.custom.html',
    formatted_body: lines.map((line) => line.html).join('<br>'),
    'm.mentions': { user_ids: [] },
    'org.wardroom.ticket': {
      // Of the first section, the most urgent.
      ticket_id: first.ticketId,
      ticket_ids: idsOf(reported.map(({ ticket }) => ticket)),
      urgency: first.urgency,
      kind: 'report',
      step,
    },
  };
}

/** Repeat calls are in the section of the ticket that they joined. */
const idsOf = (tickets: readonly Ticket[]): readonly TicketId[] =>
  tickets.flatMap(({ ticketId, joined: followers = [] }) => [ticketId, ...followers]);
