import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Alerted, Named } from './alerted.ts';
import type { Line } from './fitFields.ts';
import { escapeHtml, shownOnOneLine } from './shown.ts';
import type { Ticket } from './ticket.ts';
import { shortTime } from './times.ts';
import { headline } from './wording.ts';

/** Lines of messages, plain and as HTML, in which text from outside is inert. */
export const note = (text: string): Line => ({ plain: text, html: escapeHtml(text) });

export const title = (ticket: Ticket, more = ''): Line => {
  const [urgency = '', ...rest] = headline(ticket).split(' ');
  return {
    plain: headline(ticket) + more,
    html: `<strong>${escapeHtml(urgency)}</strong> ${escapeHtml(rest.join(' ') + more)}`,
  };
};

/** Clients show such a link as the person's display name. It mentions nobody: `m.mentions` alone does. */
export const pill = (user: UserId, name: string = user): string =>
  `<a href="https://matrix.to/#/${encodeURIComponent(user)}">${escapeHtml(name)}</a>`;

export const sayNamed = ({ name, userId }: Named): Line => {
  const plain = shownOnOneLine(name);
  return { plain, html: userId === null ? escapeHtml(plain) : pill(userId, plain) };
};

/** Lines one after the other in one. */
export const joined = (lines: readonly Line[], between: string): Line => ({
  plain: lines.map(({ plain }) => plain).join(between),
  html: lines.map(({ html }) => html).join(escapeHtml(between)),
});

/** So many people are named; the others are counted. */
const NAMED_AT_MOST = 12;

/** `Alerted: dr.fenn 02:04; np.quist 02:14. Next: fenwickvale.example 02:24.` Null when there is nothing to say. */
export function sayAlerted({ soFar, next }: Alerted, now: Instant, tz: string): Line | null {
  const sentences: Line[] = [];
  if (soFar.length > 0) {
    const more = soFar.length - NAMED_AT_MOST;
    const people = soFar.slice(-NAMED_AT_MOST).map(({ who, at }) => after(sayNamed(who), ` ${shortTime(at, now, tz)}`));
    sentences.push(sentence('Alerted: ', [...(more > 0 ? [note(`${more} before`)] : []), ...people]));
  }
  if (next)
    sentences.push(
      sentence('Next: ', [after(joined(next.who.map(sayNamed), ', '), ` ${shortTime(next.at, now, tz)}`)]),
    );
  return sentences.length > 0 ? joined(sentences, ' ') : null;
}

const after = (line: Line, text: string): Line => joined([line, note(text)], '');
const sentence = (label: string, lines: readonly Line[]): Line =>
  joined([note(label), joined(lines, '; '), note('.')], '');
