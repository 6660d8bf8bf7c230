import type { CommandAnswer } from '../flows/commandsPort.ts';
import type { EventId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { reasons } from './reasons.ts';

/** Rows of words under headings. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A line, or a table. What stands between backticks is shown as it is typed. */
export type Piece = string | Table;

/**
 * A homeserver takes 65,536 bytes of an event, of which encryption leaves three quarters. In bytes: text with its tags, plain text with the
 * spaces that align it, data; an edit has all of it twice where there is room.
 */
const LARGEST_HTML = 12_000;
const LARGEST_PLAIN = 14_000;
const LARGEST_DATA = 14_000;
const LARGEST_EDIT = 44_000;

/** The one moment that the confirming is for. */
const ANOTHER_IDENTITY =
  'This is NOT the identity that Wardroom sees for them. Do not confirm anything: ring them and compare again, from their own client. ' +
  'If it still differs, somebody may stand between.';

export type Words = Readonly<Record<string, string>>;

/** A command as people call it, and how it says its answer. */
export interface Called {
  readonly call: string;
  /** What shows its help. */
  readonly help?: string;
  readonly reasons?: Readonly<Record<string, string>>;
  /** `words`: texts that somebody wrote, by name, which `data` never holds. */
  say(data: CommandAnswer['data'], words: Words): readonly Piece[];
  /** Whom a successful answer is for beside who gave the command: their clients tell them. */
  mentions?(data: CommandAnswer['data']): readonly string[];
  /** What waits to be confirmed. */
  show?(data: CommandAnswer['data']): readonly Piece[];
}

export interface AnswerTo {
  readonly event: EventId;
  readonly thread: EventId | null;
}

/** The content of an answer: a reply to the command, for people and for programs (contract.md, "Bot"). */
export function answerContent(
  answer: CommandAnswer,
  command: Called | null,
  to: AnswerTo,
): Phi<Record<string, unknown>> {
  return new Phi({
    ...shownAnswer(answer, command),
    'm.relates_to': {
      ...(to.thread === null ? {} : { rel_type: 'm.thread', event_id: to.thread, is_falling_back: false }),
      'm.in_reply_to': { event_id: to.event },
    },
  });
}

/** The final state of an answer that was `running`, in its place (Matrix specification, "Event replacements"). */
export function editContent(
  answer: CommandAnswer,
  command: Called | null,
  running: EventId,
): Phi<Record<string, unknown>> {
  const content = shownAnswer(answer, command);
  const edit = {
    ...content,
    body: `* ${String(content.body)}`,
    'm.new_content': content,
    'm.relates_to': { rel_type: 'm.replace', event_id: running },
  };
  if (bytes(edit) <= LARGEST_EDIT) return new Phi(edit);
  // Clients that know no edits are told that there is one.
  return new Phi({
    msgtype: 'm.notice',
    body: '* the answer is there',
    'm.mentions': {},
    'm.new_content': content,
    'm.relates_to': edit['m.relates_to'],
    'org.wardroom.answer': answerPart(answer, true),
  });
}

function shownAnswer(answer: CommandAnswer, command: Called | null): Record<string, unknown> {
  const mentioned = answer.outcome === 'ok' ? (command?.mentions?.(answer.data) ?? []) : [];
  return {
    ...notice(piecesOf(answer, command)),
    'm.mentions': mentioned.length === 0 ? {} : { user_ids: mentioned },
    'org.wardroom.answer': answerPart(answer, bytes(answer.data) > LARGEST_DATA),
  };
}

/** What programs read; what of it does not fit is said to be missing. */
function answerPart(answer: CommandAnswer, truncated: boolean): Record<string, unknown> {
  const { command, outcome, code, data, confirm, expires_at } = answer;
  return {
    command,
    outcome,
    code,
    data: truncated ? { truncated: true } : data,
    ...(confirm === undefined ? {} : { confirm, expires_at }),
  };
}

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

function piecesOf(answer: CommandAnswer, command: Called | null): readonly Piece[] {
  const { outcome, code, data, confirm, expires_at } = answer;
  switch (outcome) {
    case 'ok':
      return command === null ? [code] : command.say(data, answer.words?.reveal() ?? {});
    case 'running':
      return ['Working on it. This message will show what came of it.'];
    case 'confirm':
      return [
        ...(command?.show?.(data) ?? []),
        `Nothing is done yet. ${data.second_person === true ? 'ANOTHER administrator says' : 'To do it, say'} \`!wr confirm ${confirm}\` before ${clockTime(expires_at ?? '')}.`,
      ];
    case 'refused':
    case 'failed':
      return refusal(answer, command);
  }
}

const clockTime = (iso: string): string => `${iso.slice(11, 16)} UTC`;

function refusal({ code, data }: CommandAnswer, command: Called | null): readonly string[] {
  const reason = command?.reasons?.[code] ?? reasons[code] ?? code;
  if (code === 'bad-argument' && data.differs === true) return [ANOTHER_IDENTITY];
  const lines = [code === 'bad-argument' ? badArgument(data) : reason];
  const needed = code === 'role-missing' ? listed(data.roles) : [];
  if (needed.length > 0) lines.push(`It takes: ${needed.join(' or ')}.`);
  lines.push(...faultsIn(data));
  const near = listed(data.did_you_mean);
  const known = listed(data.known);
  if (near.length > 0) lines.push(`Did you mean ${near.map((one) => `\`${one}\``).join(' or ')}?`);
  else if (known.length > 0) lines.push(`There is: ${known.map((one) => `\`${one}\``).join(', ')}.`);
  if (code === 'bad-argument' && command !== null) {
    lines.push(`It is called so: \`${command.call}\``);
    if (command.help !== undefined) lines.push(`\`${command.help}\` shows examples.`);
  }
  return lines;
}

/** What is wrong with what was proposed, each with the setting it is about. */
const faultsIn = ({ faults }: CommandAnswer['data']): readonly string[] =>
  Array.isArray(faults)
    ? (faults as readonly { readonly path: string; readonly what: string }[]).map(({ path, what }) =>
        path === '' ? what : `\`${path}\`: ${what}`,
      )
    : [];

const listed = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function badArgument({ argument, why }: CommandAnswer['data']): string {
  const name = String(argument);
  switch (why) {
    case 'missing':
      return `${name} is missing.`;
    case 'too-many':
      return 'That is more than the command takes. Words that belong together go between "quotation marks".';
    case 'too-long':
      return `${name} is too long.`;
    case 'hidden':
      return 'There are characters in it that nobody can see. Type it by hand, rather than pasting it.';
    default:
      return `${name} is not understood.`;
  }
}

/** A notice of these pieces, plain and HTML. Whatever others chose is shown as text: never as tags, never turning the text around. */
export function notice(pieces: readonly Piece[]): Record<string, unknown> {
  const kept = fitting(pieces);
  const aligned = plainText(kept, true);
  return {
    msgtype: 'm.notice',
    // One long cell makes all of its column wide.
    body: Buffer.byteLength(aligned) <= LARGEST_PLAIN ? aligned : plainText(kept, false),
    format: 'org.matrix.custom.html',
    formatted_body: htmlOf(kept),
  };
}

/** Rows and lines that fit into one message; what does not is said to be missing. */
function fitting(pieces: readonly Piece[]): readonly Piece[] {
  let left = LARGEST_HTML;
  let dropped = 0;
  const room = (text: string): boolean => {
    // Escaped, a letter may take five; a table row has its tags.
    left -= Buffer.byteLength(html(visible(text))) + 40;
    if (left < 0) dropped += 1;
    return left >= 0;
  };
  const kept = pieces.flatMap((piece): Piece[] => {
    if (typeof piece === 'string') return room(piece) ? [piece] : [];
    const rows = piece.rows.filter((row) => room(row.join('<td></td>')));
    return rows.length > 0 || piece.rows.length === 0 ? [{ head: piece.head, rows }] : [];
  });
  return dropped === 0 ? kept : [...kept, `${dropped} more lines did not fit.`];
}

const plainText = (pieces: readonly Piece[], aligned: boolean): string =>
  pieces.map((piece) => (typeof piece === 'string' ? visible(piece) : plainTable(piece, aligned))).join('\n');

function plainTable({ head, rows }: Table, aligned: boolean): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => oneLine(visible(cell)).replaceAll('`', '')));
  const widths = head.map((_, column) =>
    aligned ? Math.max(...cells.map((row) => [...(row[column] ?? '')].length)) : 0,
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length)))
      .join('  ')
      .trimEnd();
  const [first, ...others] = cells.map(line);
  return [first, widths.map((width) => '-'.repeat(width || 3)).join('  '), ...others].join('\n');
}

function htmlOf(pieces: readonly Piece[]): string {
  let out = '';
  let afterLine = false;
  for (const piece of pieces) {
    if (typeof piece === 'string') out += (afterLine ? '<br>' : '') + html(visible(piece));
    else out += htmlTable(piece);
    afterLine = typeof piece === 'string';
  }
  return out;
}

const htmlTable = ({ head, rows }: Table): string => {
  const row = (tag: 'th' | 'td', cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${html(oneLine(visible(cell)))}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${row('th', head)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('')}</tbody></table>`;
};

const html = (text: string): string =>
  text
    .replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll('\n', '<br>');

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');

/** What cannot be seen, or turns the direction of text, is shown as a mark of its own. */
const visible = (text: string): string =>
  text.replace(
    /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu,
    '\ufffd',
  );
