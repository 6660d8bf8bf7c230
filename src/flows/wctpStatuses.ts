import type { Instant } from '../kernel/clock.ts';
import { Phi } from '../kernel/phi.ts';
import type { Effect, ReportStatus, Ticket } from '../tickets/ticket.ts';
import type { Circumstances } from './advanceTicket.ts';
import type { Tx } from './ports.ts';
import type { TicketFlow } from './ticketFlow.ts';
import { chosen } from './wctpChoices.ts';
import { rememberOrigin, wctpOrigin } from './wctpOrigins.ts';
import type { WctpContent, WctpOrigin } from './wctpPort.ts';

type ReportEffect = Extract<Effect, { type: 'report' }>;

/** One way of saying a status in WCTP. */
type Word =
  /** Once, and only where it was asked for. */
  | { readonly notify: 'QUEUED' | 'DELIVERED' | 'READ' }
  /** A MessageReply, where responses are allowed. `own`: the clinician's own words, where there are some. */
  | { readonly reply: string; readonly own?: true }
  | { readonly failure: 500 | 501; readonly what: string }
  /**
   * Something the operator has to do or know: a SubmitRequest of ours, for a console would take a MessageReply for an answer. Only where
   * no status callback says it.
   */
  | { readonly tell: string };

/**
 * What WCTP has for each status of a ticket; the empty ones have no word in it that claims no more than is known (1.3, Notification,
 * MessageReply, Failure). `undecryptable` comes with a to-do for each person it concerns, which says so.
 */
export const WCTP_WORDS: Readonly<Record<ReportStatus, readonly Word[]>> = {
  accepted: [],
  sent: [{ notify: 'QUEUED' }],
  delivered: [{ notify: 'DELIVERED' }],
  undecryptable: [],
  seen: [{ notify: 'READ' }],
  escalated: [],
  renotified: [],
  todo: [{ tell: 'To do' }],
  delayed: [{ tell: 'Not delivered yet, no clinician has it; it is tried on and on' }],
  // Who takes it has read it, whether or not a receipt came.
  acknowledged: [{ notify: 'READ' }, { reply: 'ok' }],
  unacknowledged: [{ reply: 'taken back: nobody has the ticket now' }],
  declined: [{ reply: 'declined' }],
  replied: [{ reply: 'answered in the secure room', own: true }],
  reported: [],
  undelivered: [{ failure: 500, what: 'Nobody acknowledged, a person must take over' }],
  closed: [{ reply: 'closed', own: true }],
};

/** The to-do for which WCTP has a word. */
const EXPIRED: readonly Word[] = [{ failure: 501, what: 'Not delivered in time, a person must take over' }];

const WANTED = { QUEUED: 'queued', DELIVERED: 'delivered', READ: 'read' } as const;

/** Writes down what a status owes to whom the ticket came from by WCTP; nothing for tickets that came otherwise. */
export async function oweByWctp(
  flow: TicketFlow,
  tx: Tx,
  ticket: Ticket,
  effect: ReportEffect,
  circumstances: Circumstances,
  now: Instant,
): Promise<void> {
  if (flow.services.speaksWctp?.(ticket.service) !== true) return;
  if (circumstances.isNew) rememberOrigin(flow.services, ticket.ticketId, circumstances.wctp ?? null);
  const words = effect.code === 'expired' ? EXPIRED : WCTP_WORDS[effect.status];
  if (words.length === 0) return;
  // What the service's own operators did it knows.
  if (effect.by !== undefined && !effect.by.startsWith('@')) return;
  const origin = await wctpOrigin(flow.services, tx, ticket.ticketId);
  if (origin === null) return;
  const said = {
    written: circumstances.replyText ?? null,
    ownWords: flow.services.repliesWithText(ticket.service),
    todo: effect.text ?? null,
    isToldOtherwise: flow.services.hasCallback(ticket.service),
    isLate: effect.status === 'replied' && (ticket.state === 'closed' || now - ticket.acceptedAt > REPLY_WINDOW_MS),
  };
  for (const content of contentsOf(words, origin, said))
    await tx.wctp.owe(ticket.ticketId, ticket.account, now, content, circumstances.saidIn ?? null);
}

/** So long gateways know which message a reply is for (channels.md 1.7): what a clinician writes later is a message by itself. */
const REPLY_WINDOW_MS = 4 * 3_600_000;

export interface Said {
  /** By a clinician. */
  readonly written: Phi<string> | null;
  /** Whether clinicians' words may go back. */
  readonly ownWords: boolean;
  /** What the protocol has the operator do. */
  readonly todo: string | null;
  /** By status callbacks. */
  readonly isToldOtherwise: boolean;
  /** The service is done with the ticket, or may have forgotten it. */
  readonly isLate: boolean;
}

/** What these words are for a ticket of this origin. */
export function contentsOf(words: readonly Word[], origin: WctpOrigin, said: Said): readonly WctpContent[] {
  const { written, ownWords, todo, isToldOtherwise, isLate } = said;
  return words.flatMap((word): WctpContent[] => {
    if ('notify' in word) return origin.wants[WANTED[word.notify]] ? [{ kind: 'notification', type: word.notify }] : [];
    if ('failure' in word) return [{ kind: 'failure', errorCode: word.failure, what: word.what }];
    if ('tell' in word)
      return isToldOtherwise ? [] : [message(origin, [word.tell, ...(todo === null ? [] : [todo])].join(': '), true)];
    if (!origin.wants.response) return [];
    const choice = written && chosen(origin.choices.reveal(), written);
    if (choice) return [{ kind: 'reply', text: new Phi(choice.reply ?? choice.send), isChoice: true }];
    const own = word.own && ownWords ? written?.reveal().trim() : undefined;
    if (word.own && written && isLate) return [message(origin, own || word.reply, false)];
    const text = own
      ? withToken(origin.replyToken, noAcknowledgement(own), ': ')
      : withToken(origin.replyToken, word.reply, ' ');
    return [{ kind: 'reply', text: new Phi(text), isChoice: false }];
  });
}

/** It answers nothing: it says which message it is about. */
const message = (origin: WctpOrigin, text: string, isPressing: boolean): WctpContent => ({
  kind: 'message',
  text: new Phi(`About ${origin.messageId}: ${noAcknowledgement(text)}`),
  isPressing,
});

/** The sender knows its message by the number that a reply begins with. */
const withToken = (token: string | null, text: string, between: string): string =>
  token === null || new RegExp(`^${token}(?!\\d)`).test(text) ? text : `${token}${between}${text}`;

/** Consoles and gateways take a number and "ok", anywhere in a text, for an acknowledgement: this was none. Two spaces tell them so. */
const noAcknowledgement = (text: string): string => text.replace(/(?<=\d) ?(?=ok(?:ay)?\b)/gi, '  ');
