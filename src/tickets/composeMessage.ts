import type { Instant } from '../kernel/clock.ts';
import type { EventId, TicketId, UserId } from '../kernel/ids.ts';
import type { Alerted } from './alerted.ts';
import { type Fitted, fitFields, type Line } from './fitFields.ts';
import { joined, note, pill, sayAlerted, title } from './lines.ts';
import type { Flag, MessageKind, Ticket } from './ticket.ts';
import { ticketFields } from './ticketFields.ts';
import { headline, howToAcknowledge, oddities, waited } from './wording.ts';

export interface MessageToCompose {
  /** The ticket's document: `readTicket(...).text`. */
  readonly text: Readonly<Record<string, unknown>>;
  readonly ticket: Ticket;
  readonly kind: MessageKind;
  readonly step: number | null;
  /** Which repetition; of a `notice`: which further part of the text, from 1. */
  readonly repeat: number;
  /** Exactly the people whom the message calls (`m.mentions`). */
  readonly mention: readonly UserId[];
  readonly now: Instant;
  /** Who has been alerted, who comes next, and where the practice is; for messages after the first. */
  readonly alerted?: Alerted & { readonly tz: string };
}

type Content = Record<string, unknown>;

/**
 * The content of an `m.room.message` about a ticket, plain and HTML, before encryption. Urgency first, then every field that is
 * present, what is odd, and how to acknowledge. Text of the ticket is inert in it: nothing is markup, a link or a mention because
 * of what was sent. Everything but the ticket itself is in its thread (Matrix specification, "Threading").
 */
export function composeMessage(message: MessageToCompose): Content {
  switch (message.kind) {
    case 'ticket':
      return content(message, wholeText(message));
    case 'posted_again':
      return content(message, [
        note(`Posted again for ${message.mention.join(', ')}.`),
        ...whoElse(message),
        ...wholeText(message),
      ]);
    case 'notice':
      return furtherPart(message);
    case 'report':
      throw new Error('a report is composed of several tickets');
    case 'escalation':
    case 'renotify':
      return content(message, reminder(message));
  }
}

/** Something the voice says in the room that is no part of a ticket's text: a question, an answer. */
export function composeNotice(
  notice: string,
  ticket: Ticket,
  inReplyTo: EventId | null,
  mention: readonly UserId[] = [],
): Content {
  return frame(ticket, 'notice', null, mention, [note(notice)], inReplyTo);
}

/** HTML beside the plain text only while both fit one event (specification, "Size limits"): plain text is shown as it is. */
const BOTH_BYTES = 34_000;

/** What somebody wrote of a ticket, for its thread; `of`: the ticket whose text it is, when it is one that joined. */
export function composeWords(words: string, ticket: Ticket, mention: readonly UserId[], of: TicketId | null): Content {
  const { format, formatted_body: html, ...plain } = frame(ticket, 'notice', null, mention, [note(words)], null);
  const isSmall = Buffer.byteLength(JSON.stringify([words, html]), 'utf8') <= BOTH_BYTES;
  const about = plain['org.wardroom.ticket'] as Content;
  return {
    ...plain,
    ...(isSmall ? { format, formatted_body: html } : {}),
    'org.wardroom.ticket': of === null ? about : { ...about, joined_ticket_id: of },
  };
}

/** How many messages a ticket's text needs: 1, or more when it is too long for one event. The same for every time it is posted. */
export function countParts(text: Readonly<Record<string, unknown>>, flags: readonly Flag[]): number {
  return fitted(text, flags).further.length + 1;
}

const fitted = (text: Readonly<Record<string, unknown>>, flags: readonly Flag[]): Fitted =>
  fitFields(ticketFields(text, flags));

function wholeText({ text, ticket }: MessageToCompose): readonly Line[] {
  return [
    title(ticket),
    ...oddities(ticket, text).map((odd) => note(`\u26a0 ${odd}`)),
    ...fitted(text, ticket.flags).lines,
    note(howToAcknowledge(ticket)),
  ];
}

function furtherPart(message: MessageToCompose): Content {
  const { text, ticket, repeat } = message;
  const { further } = fitted(text, ticket.flags);
  const heading = `${headline(ticket)}, part ${repeat + 1} of ${further.length + 1}`;
  // Plain only: twice the text would not fit, and plain text is shown as it is.
  const { format: _format, formatted_body: _html, ...plain } = content(message, []);
  return { ...plain, body: `${heading}\n${further[repeat - 1] ?? ''}` };
}

function reminder(message: MessageToCompose): readonly Line[] {
  const { ticket, kind, step, repeat, mention, now } = message;
  const wait = `nobody has taken this ticket for ${waited(now - ticket.acceptedAt)}.`;
  const which = kind === 'escalation' ? 'Escalated' : `Reminder ${repeat}`;
  // An escalation of no step: somebody handed it over.
  const lines = [note(kind === 'escalation' && step === null ? 'Handed over to a colleague.' : `${which}: ${wait}`)];
  if (mention.length > 0) {
    const people = mention.map((user) => ({ plain: user, html: pill(user) }));
    lines.push(joined([note('Now due: '), joined(people, ', '), note('.')], ''));
  }
  return [title(ticket), ...lines, ...whoElse(message), note(howToAcknowledge(ticket))];
}

/** Nobody has to wonder whether a colleague knows. */
function whoElse({ alerted, now }: MessageToCompose): readonly Line[] {
  const said = alerted && sayAlerted(alerted, now, alerted.tz);
  return said ? [said] : [];
}

const content = (message: MessageToCompose, lines: readonly Line[]): Content =>
  frame(message.ticket, message.kind, message.step, message.mention, lines, null);

function frame(
  ticket: Ticket,
  kind: MessageKind,
  step: number | null,
  mention: readonly UserId[],
  lines: readonly Line[],
  inReplyTo: EventId | null,
): Content {
  return {
    msgtype: 'm.text',
    body: lines.map((line) => line.plain).join('\n'),
    format: 'org.matrix.custom.html',
    formatted_body: lines.map((line) => line.html).join('<br>'),
    // Always there, also when empty: without it clients look for names and @room in the text (MSC3952).
    'm.mentions': { user_ids: [...new Set(mention)] },
    'org.wardroom.ticket': {
      ticket_id: ticket.ticketId,
      urgency: ticket.urgency,
      kind,
      step,
      ...(ticket.test && { test: true }),
    },
    ...relation(ticket, kind, inReplyTo),
  };
}

function relation({ rootEventId }: Ticket, kind: MessageKind, inReplyTo: EventId | null): Content {
  if (kind === 'ticket') return {};
  if (rootEventId === null)
    return inReplyTo === null ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: inReplyTo } } };
  return {
    'm.relates_to': {
      rel_type: 'm.thread',
      event_id: rootEventId,
      is_falling_back: inReplyTo === null,
      'm.in_reply_to': { event_id: inReplyTo ?? rootEventId },
    },
  };
}
