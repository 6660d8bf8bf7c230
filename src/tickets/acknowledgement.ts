/** What a text in an account's room says. */
export type Reply =
  /** "I take it." `token`: which ticket, where the writer said so. */
  | { readonly kind: 'ack'; readonly token: string | null }
  /** "Not I." Whoever is next is told at once. */
  | { readonly kind: 'decline' }
  /** A word after `!`. `token`: a ticket's number, when that is all that follows; `rest`: everything that follows. */
  | { readonly kind: 'command'; readonly name: string; readonly token: string | null; readonly rest: string }
  /** Anything else: passed on, stops nothing. */
  | { readonly kind: 'text' };

const WORD = /^(?:ok|okay|ack|on\s+it)[.!]?$/i;
const TOKEN_AND_OK = /^([0-9]{1,9})[ \u00a0]?(?:ok|okay)[.!]?$/i;
const DECLINE = /^(?:send\s+to\s+backup|reject)[.!]?$/i;
const COMMAND = /^!([a-z]+)(?:\s+([\s\S]*))?$/i;

/**
 * Reads a reply or message. It acknowledges only if its whole text does (data README, "Stopping"): `ok`, `okay`, `ack`, `on it`,
 * or a ticket's token and `ok`/`okay`; any case, one closing `.` or `!`, white space around. "ok who is this for?" is a question.
 * `Send to backup` and `Reject` decline in the same way.
 * The quote that older clients put before a reply (Matrix specification, "Fallbacks for rich replies") is not part of the text.
 * `!ack` and `!ack 3` are commands named `ack`; `!ack` followed by anything else is text, since it might say the contrary.
 */
export function readReply(body: string): Reply {
  const text = withoutQuote(body).trim();
  if (WORD.test(text)) return { kind: 'ack', token: null };
  if (DECLINE.test(text)) return { kind: 'decline' };
  const token = TOKEN_AND_OK.exec(text)?.[1];
  if (token) return { kind: 'ack', token };
  const command = COMMAND.exec(text);
  if (!command) return { kind: 'text' };
  const name = command[1]!.toLowerCase();
  const rest = (command[2] ?? '').trim();
  const named = /^[0-9]{1,9}$/.test(rest) ? rest : null;
  if (name === 'ack' && rest !== '' && named === null) return { kind: 'text' };
  return { kind: 'command', name, token: named, rest };
}

/** Leading lines that begin with `>` and the empty line after them. */
function withoutQuote(body: string): string {
  const lines = body.replace(/\r\n?/g, '\n').split('\n');
  const first = lines.findIndex((line) => !/^>( |$)/.test(line));
  return first > 0 && lines[first] === '' ? lines.slice(first + 1).join('\n') : body;
}

/** A tick or a thumbs-up in any skin tone, as text or as emoji. */
const TICK_OR_THUMB = /^(?:[\u2705\u2713\u2714\u2611\u{1F5F8}]|\u{1F44D}[\u{1F3FB}-\u{1F3FF}]?)[\uFE0E\uFE0F]?$/u;

/** Whether a reaction with this key (`m.annotation`) acknowledges. */
export function isAcknowledgingReaction(key: string): boolean {
  return TICK_OR_THUMB.test(key.trim());
}

/** Whether a reaction with this key declines: some clients let people react with words. */
export function isDecliningReaction(key: string): boolean {
  return DECLINE.test(key.trim());
}
