import type { UserId } from '../kernel/ids.ts';
import type { Command } from './command.ts';

/** More than this is no command that anybody typed. */
export const LONGEST_MESSAGE = 6_000;

/** Whom a message may call instead of writing `!wr`. */
export interface BotName {
  readonly userId: UserId;
  readonly displayName: string;
}

/**
 * What follows `!wr`, or a mention of the bot, at the start of a message; null when it gives no command. A mention is the bot's Matrix id,
 * a link to it, or its display name where the message says that it mentions the bot (Matrix specification, "User and room mentions").
 */
export function wordsOf(body: string, bot: BotName | null = null, mentions: readonly UserId[] = []): string | null {
  const match = /^\s*!wr(?:\s+([\s\S]*))?$/i.exec(body);
  if (match !== null) return match[1] ?? '';
  if (bot === null) return null;
  const link = /^\s*\[[^\]\n]{0,255}\]\(https:\/\/matrix\.to\/#\/([^)\s?]{1,255})[^)\s]{0,255}\)/.exec(body);
  if (link !== null) return decoded(link[1]!) === bot.userId ? afterName(body.slice(link[0].length)) : null;
  const names = [bot.userId, ...(mentions.includes(bot.userId) ? [bot.displayName, `@${bot.displayName}`] : [])];
  const start = body.trimStart();
  const name = names.find((one) => start.slice(0, one.length).toLowerCase() === one.toLowerCase());
  return name === undefined ? null : afterName(start.slice(name.length));
}

/** `Wardroom: help`, `Wardroom, help`, `Wardroom help`; not `Wardrooms`. */
function afterName(rest: string): string | null {
  const match = /^(?:\s*[:,]|\s|$)([\s\S]*)$/.exec(rest);
  return match === null ? null : match[1]!.trimStart();
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A word of a command, and where it stands in its text. */
export interface Token {
  /** Without its quotes. */
  readonly text: string;
  readonly quoted: boolean;
  readonly at: number;
}

/** Two hyphens, or the one dash that phones make of them; one hyphen before a letter is meant so, too. */
const OPTION = /^(?:--?|[\u2010-\u2015\u2212]{1,2})(\p{L}[\p{L}-]*)(?:=([\s\S]*))?$/u;

export interface TypedOption {
  readonly name: string;
  /** After `=`; null: the words that follow. */
  readonly value: string | null;
  /** The value stood in quotes: all of it is there. */
  readonly isWhole: boolean;
}

export function optionIn({ text, quoted }: Token): TypedOption | null {
  const match = quoted ? null : OPTION.exec(text);
  if (match === null) return null;
  const typed = match[2] ?? null;
  const value = typed === null ? null : (/^(["'])([\s\S]*)\1$/.exec(typed)?.[2] ?? typed);
  return { name: match[1]!.toLowerCase(), value, isWhole: value !== typed };
}

/**
 * The words of a text. Quotes hold words together, straight ones and those that phones make of them; between digits a dash is a hyphen
 * (dates); a link to a person is one word; spaces that do not break are spaces, and marks without width are nothing.
 */
export function tokensOf(text: string): readonly Token[] {
  const plain = straight(text);
  const pattern =
    /"([^"]*)"(?=\s|$)|'([^']*)'(?=\s|$)|((?:--?|[\u2010-\u2015\u2212]{1,2})\p{L}[\p{L}-]*=(?:"[^"]*"|'[^']*')|\[[^\]\n]{0,255}\]\(https:\/\/matrix\.to\/#\/[^)\s]+\)|\S+)/gu;
  return [...plain.matchAll(pattern)].map((match) => {
    const inQuotes = match[1] ?? match[2];
    const word = (inQuotes ?? match[3]!).replace(/(?<=\d)[\u2010-\u2015\u2212](?=\d)/g, '-');
    return { text: word, quoted: inQuotes !== undefined, at: match.index };
  });
}

/** Letter for letter as long as it was, so that places stay. */
const straight = (text: string): string =>
  text
    .replace(/[\u201c-\u201f\u00ab\u00bb\u2033]/g, '"')
    .replace(/[\u2018-\u201b\u2032]/g, "'")
    .replace(/[\u00a0\u202f\u2007\u200b\u2060\ufeff]/g, ' ');

/** Characters that nobody sees and that could make a command look like another one: controls, and what turns the direction of text. */
export const hidesSomething = (text: string): boolean =>
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\u{e0000}-\u{e007f}]/u.test(text);

/** The command that these words call, with how many of them name it; no words ask for help. */
export function findCommand(
  commands: readonly Command[],
  words: readonly string[],
): { readonly command: Command; readonly named: number } | null {
  if (words.length === 0) return findCommand(commands, ['help']);
  for (const command of commands) {
    const name = command.name.split(' ');
    if (name.every((word, index) => word === words[index]?.toLowerCase())) return { command, named: name.length };
  }
  return null;
}
