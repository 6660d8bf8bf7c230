import type { Instant } from '../kernel/clock.ts';
import type { EventId, TicketId, UserId } from '../kernel/ids.ts';
import { type Fitted, fitFields, type Line } from './fitFields.ts';
import { escapeHtml } from './shown.ts';
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
      return content(message, [note(`Posted again for ${names(message.mention)}.`), ...wholeText(message)]);
    case 'notice':
      return furtherPart(message);
    case 'report':
      return content(message, reportText(message));
    case 'escalation':
    case 'renotify':
      return content(message, reminder(message));
  }
}

/** Something the voice says in the room that is no part of a ticket's text: a question, an answer. */
export function composeNotice(notice: string, ticket: Ticket, inReplyTo: EventId | null): Content {
  return frame(ticket, 'notice', null, [], [note(notice)], inReplyTo);
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

/** For those who read it in the morning: the text, without asking for anything. What does not fit stands in the account's room. */
function reportText({ text, ticket }: MessageToCompose): readonly Line[] {
  const { lines, further } = fitted(text, ticket.flags);
  return [
    title(ticket),
    ...oddities(ticket, text).map((odd) => note(`\u26a0 ${odd}`)),
    ...lines,
    ...(further.length > 0
      ? [note(`The whole text, in ${further.length + 1} parts, is in the room of ${ticket.account}.`)]
      : []),
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

function reminder({ ticket, kind, step, repeat, mention, now }: MessageToCompose): readonly Line[] {
  const wait = `nobody has taken this ticket for ${waited(now - ticket.acceptedAt)}.`;
  const which = kind === 'escalation' ? 'Escalated' : `Reminder ${repeat}`;
  // An escalation of no step: somebody handed it over.
  const lines = [note(kind === 'escalation' && step === null ? 'Handed over to a colleague.' : `${which}: ${wait}`)];
  if (mention.length > 0) {
    const people = mention.map((user) => pill(user)).join(', ');
    lines.push({ plain: `Now due: ${names(mention)}.`, html: `Now due: ${people}.` });
  }
  return [title(ticket), ...lines, note(howToAcknowledge(ticket))];
}

const title = (ticket: Ticket): Line => {
  const [urgency = '', ...rest] = headline(ticket).split(' ');
  return { plain: headline(ticket), html: `<strong>${escapeHtml(urgency)}</strong> ${escapeHtml(rest.join(' '))}` };
};

const note = (text: string): Line => ({ plain: text, html: escapeHtml(text) });
const names = (users: readonly UserId[]) => users.join(', ');
const pill = (user: UserId) => `<a href="https://matrix.to/#/${encodeURIComponent(user)}">${escapeHtml(user)}</a>`;

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
  // A report is in another room than the ticket's thread.
  if (kind === 'ticket' || kind === 'report') return {};
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
