import { err, ok, type Result } from '../kernel/result.ts';
import { nearest } from './suggest.ts';
import { optionIn, type Token, type TypedOption } from './words.ts';

/** The first argument that cannot be meant, as the usage names it; never what was typed. */
export interface BadArgument {
  readonly argument: string;
  /** Default: it is no such thing. */
  readonly why?: 'missing' | 'too-many' | 'too-long' | 'hidden';
  /** Of the things there are, those that may have been meant. */
  readonly did_you_mean?: readonly string[];
  /** What there is, when that is little. */
  readonly known?: readonly string[];
}

/**
 * A flag (true), the kind of its value as the usage names it, or the values there are. A `TEXT`, and what ends with `...`, goes on until the next
 * option; the latter may be given several times.
 */
export type OptionKind = true | string | readonly string[];

/**
 * What a command takes. `NAME`: one word; `[NAME]`: it may be left out; `NAME...`, `[NAME...]`: all that follow; `TEXT...`: what follows, as it
 * was written.
 */
export interface Syntax {
  readonly takes: readonly string[];
  readonly options?: Readonly<Record<string, OptionKind>>;
}

const LONGEST_WORD = 300;
const LONGEST_TEXT = 4_000;

/** The arguments of a command that fit its syntax. */
export class Arguments {
  readonly #words: ReadonlyMap<string, readonly string[]>;
  readonly #options: ReadonlyMap<string, readonly string[]>;

  constructor(words: ReadonlyMap<string, readonly string[]>, options: ReadonlyMap<string, readonly string[]>) {
    this.#words = words;
    this.#options = options;
  }

  /** One that must be there. */
  word(name: string): string {
    const word = this.maybe(name);
    if (word === null) throw new Error(`the command does not take ${name}`);
    return word;
  }

  /** One that may be left out. */
  maybe(name: string): string | null {
    return this.#words.get(name)?.[0] ?? null;
  }

  /** All that follow. */
  all(name: string): readonly string[] {
    return this.#words.get(name) ?? [];
  }

  option(name: string): string | null {
    return this.#options.get(name)?.at(-1) ?? null;
  }

  /** Of an option that may be given several times: each value. */
  options(name: string): readonly string[] {
    return this.#options.get(name) ?? [];
  }

  has(flag: string): boolean {
    return this.#options.has(flag);
  }
}

const usageOfOption = ([name, kind]: readonly [string, OptionKind]): string =>
  kind === true
    ? `[--${name}]`
    : `[--${name} ${typeof kind === 'string' ? kind.replace('...', ' ...') : kind.join('|')}]`;

/** As people read it. */
export const usageOf = ({ takes, options = {} }: Syntax): string =>
  [
    ...takes.map((one) => one.replace('...]', ' ...]').replace(/\.\.\.$/, ' ...')),
    ...Object.entries(options).map(usageOfOption),
  ].join(' ');

/** Reads the words after a command's name. `text` is where the tokens come from. */
export function readArguments(
  { takes, options = {} }: Syntax,
  tokens: readonly Token[],
  text: string,
): Result<Arguments, BadArgument> {
  const places = takes.map((one) => ({
    name: one.replace(/[[\].]/g, ''),
    mayMiss: one.startsWith('['),
    takesAll: one.includes('...'),
  }));
  const words = new Map<string, readonly string[]>();
  const chosen = new Map<string, readonly string[]>();
  const kinds = new Map(Object.entries(options));
  let place = 0;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    const option = optionIn(token);
    // One hyphen before a letter is an option only where there is one of that name.
    if (option !== null && (kinds.has(option.name) || !/^-[^-]/.test(token.text))) {
      const kind = kinds.get(option.name);
      if (kind === undefined) return err(unknown('OPTION', option.name, [...kinds.keys()], '--'));
      const [value, used] = kind === true ? ['', 0] : valueFor(kind, option, tokens.slice(index + 1), kinds);
      index += used;
      const bad = badOption(option.name, kind, value);
      if (bad !== null) return err(bad);
      const read = typeof kind === 'object' ? kind.find((one) => one === value.toLowerCase())! : value;
      chosen.set(option.name, isList(kind) ? [...(chosen.get(option.name) ?? []), read] : [read]);
      continue;
    }
    const here = places[place];
    if (here === undefined) return err({ argument: 'nothing more', why: 'too-many' });
    if (here.name === 'TEXT') {
      const written = token.quoted && index === tokens.length - 1 ? token.text : text.slice(token.at).trim();
      if (written.length > LONGEST_TEXT) return err({ argument: 'TEXT', why: 'too-long' });
      words.set('TEXT', [written]);
      break;
    }
    if (token.text.length > LONGEST_WORD) return err({ argument: here.name, why: 'too-long' });
    words.set(here.name, [...(words.get(here.name) ?? []), token.text]);
    if (!here.takesAll) place += 1;
  }
  const missing = places.find(({ name, mayMiss }) => !mayMiss && (words.get(name)?.join('') ?? '') === '');
  if (missing !== undefined) return err({ argument: missing.name, why: 'missing' });
  return ok(new Arguments(words, chosen));
}

/** The value of an option, and how many words it took. */
function valueFor(
  kind: OptionKind,
  { value: given, isWhole }: TypedOption,
  following: readonly Token[],
  kinds: ReadonlyMap<string, OptionKind>,
): readonly [string, number] {
  const isOption = (token: Token) => kinds.has(optionIn(token)?.name ?? '');
  const first = following[0];
  if ((kind === 'TEXT' || isList(kind)) && !isWhole && (given !== null || !first?.quoted)) {
    const end = following.findIndex(isOption);
    const words = following.slice(0, end < 0 ? following.length : end).map(({ text }) => text);
    return [[...(given === null ? [] : [given]), ...words].join(' '), words.length];
  }
  if (given !== null) return [given, 0];
  return first === undefined || isOption(first) ? ['', 0] : [first.text, 1];
}

const isList = (kind: OptionKind): boolean => typeof kind === 'string' && kind.endsWith('...');

function badOption(name: string, kind: OptionKind, value: string): BadArgument | null {
  if (kind === true) return null;
  if (value === '') return { argument: `--${name}`, why: 'missing' };
  if (typeof kind === 'object')
    return kind.includes(value.toLowerCase()) ? null : { ...unknown(`--${name}`, value, kind), known: kind };
  return value.length > (kind === 'TEXT' || isList(kind) ? LONGEST_TEXT : LONGEST_WORD)
    ? { argument: `--${name}`, why: 'too-long' }
    : null;
}

/** A thing that there is not, with those that may have been meant. */
export function unknown(argument: string, typed: string, known: readonly string[], before = ''): BadArgument {
  const near = nearest(typed, known).map((one) => `${before}${one}`);
  return { argument, ...(near.length > 0 ? { did_you_mean: near } : {}) };
}
